"""The tests; `audio` first, as everywhere: it settles which libsndfile decodes the sound font."""

import audio as audio
