import { useQuery } from "@tanstack/react-query";
import { keys, type MediaView, type Song } from "../api";
import { useMedia } from "../history/queries";
import { Card, Empty, Icon, ProblemNote, Spinner } from "../ui";
import { downloadsOf, downloadUrl, releaseReport, releaseSize, sizeWords } from "./downloads";

/** Everything that can be taken home of the song as it is now, named after it. */
export function Downloads({ song }: { song: Song }) {
  const media = useMedia(song.id);
  const files = media.data?.items ?? [];
  const found = downloadsOf(song.id, files, song.stages);
  const report = releaseReport(files, song.stages);
  return (
    <Card title="Download" level={3}>
      {media.isPending && <Spinner label="Looking for files" />}
      <ProblemNote problem={media.error} />
      {media.data && found.length === 0 && (
        <Empty title="Nothing to download yet">The first files are there as soon as the song is arranged.</Empty>
      )}
      <ul className="downloads" aria-label="Downloads">
        {found.map((one) => (
          <DownloadRow key={one.format} name={one.name} about={one.about} size={one.size} url={one.url} />
        ))}
        {report && <Release song={song} files={files} report={report} />}
      </ul>
      {found.length > 0 && !report && song.role !== "public" && (
        <p className="dim">Everything as one zip is there when the song is finished.</p>
      )}
    </Card>
  );
}

/** Everything as a zip. Its size is that of the files in it, which the report lists. */
function Release({ song, files, report }: { song: Song; files: readonly MediaView[]; report: MediaView }) {
  const listed = useQuery({
    queryKey: [...keys.media(song.id), "report", report.hash],
    queryFn: async ({ signal }): Promise<unknown> => (await fetch(report.url, { signal })).json(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const size = listed.data === undefined ? undefined : releaseSize(listed.data, files, song.stages);
  const url = downloadUrl(song.id, "release");
  return <DownloadRow name="Everything" about="all of it in one folder, as a zip" size={size} url={url} />;
}

interface DownloadRowProps {
  name: string;
  about: string;
  size: number | undefined;
  url: string;
}

function DownloadRow({ name, about, size, url }: DownloadRowProps) {
  return (
    <li>
      <a href={url} download className="download">
        <Icon name="download" />
        <strong>{name}</strong>
        <span className="dim">{about}</span>
        {size !== undefined && <span className="download-size">{sizeWords(size)}</span>}
      </a>
    </li>
  );
}
