"""Every side effect a workflow asks for; one module for each stage, thin."""

# pretty_midi loads FluidSynth, and whichever libsndfile comes first decodes the sound font: `audio` settles that,
# so it is imported before any step can import `music.midi`.
import audio as audio
