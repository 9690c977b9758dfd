"""A MusicGen of the real classes, so small that it makes noise in a second, with weights drawn from a seed.

Nothing is fetched: configurations, weights and tokenizer are made here and saved the way the hub's models are.
"""

from pathlib import Path

RATE = 1600
FRAME_RATE = 50
CODEBOOKS = 4
CODES = 64
WORDS = ("calm", "piano", "wild", "drums", "slow", "strings")


def save_tiny(folder: Path, channels: int = 1) -> None:
    """A model and its processor in `folder`: 1,600 Hz, 50 frames a second, four codebooks for each channel."""
    import torch
    from transformers import (
        EncodecConfig,
        EncodecFeatureExtractor,
        MusicgenConfig,
        MusicgenDecoderConfig,
        MusicgenForConditionalGeneration,
        MusicgenProcessor,
        T5Config,
        T5Tokenizer,
    )

    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -9.0), ("▁", -4.0)]
    vocabulary += [(f"▁{word}", -3.0) for word in WORDS]
    tokenizer = T5Tokenizer(vocab=vocabulary, extra_ids=0)
    text = T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    audio = EncodecConfig(
        sampling_rate=RATE,
        audio_channels=1,
        normalize=False,
        upsampling_ratios=[8, 4],
        num_filters=4,
        hidden_size=16,
        codebook_size=CODES,
        codebook_dim=16,
        num_lstm_layers=1,
        target_bandwidths=[CODEBOOKS * FRAME_RATE * 6 / 1000],  # 6 bits tell 64 codes apart
        chunk_length_s=None,
    )
    decoder = MusicgenDecoderConfig(
        vocab_size=CODES,
        hidden_size=16,
        ffn_dim=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_codebooks=CODEBOOKS * channels,
        audio_channels=channels,
        max_position_embeddings=512,
        pad_token_id=CODES,
        bos_token_id=CODES,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(2026)
        model = MusicgenForConditionalGeneration(
            MusicgenConfig(text_encoder=text, audio_encoder=audio, decoder=decoder)
        )
        for quantizer in model.audio_encoder.quantizer.layers:
            # Codebooks are learned, never drawn: a new one is all zeros, and every code would sound the same.
            quantizer.codebook.embed.normal_()
    model.generation_config.decoder_start_token_id = CODES
    model.generation_config.pad_token_id = CODES
    model.generation_config.bos_token_id = CODES
    model.save_pretrained(folder)
    hearing = EncodecFeatureExtractor(feature_size=channels, sampling_rate=RATE)
    MusicgenProcessor(feature_extractor=hearing, tokenizer=tokenizer).save_pretrained(folder)
