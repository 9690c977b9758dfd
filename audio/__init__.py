"""The built-in sound: instruments, stems, mixing, mastering, measuring, listening, files."""

# FluidSynth decodes SF3 through libsndfile. Its own and soundfile's copy share one library name, the first one
# loaded serves both, and their decoders differ in the last bits: so the order is settled here, before either.
import soundfile as _soundfile  # noqa: F401
