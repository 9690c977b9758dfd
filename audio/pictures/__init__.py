"""Pictures of a finished sound: waveform, spectrogram, loudness over time, and the peaks for a player to draw.

All are made from the samples with NumPy and Pillow alone; equal sound gives equal bytes for one version of Pillow
and zlib. Pillow is imported when something is drawn, not before.
"""
