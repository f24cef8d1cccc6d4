"""The parts of the tiny Stable Diffusion: diffusers' own classes at a size that two cores can train."""

from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, UNet2DConditionModel

IMAGE_SIZE = 64
# 64 px → 32 × 32 latents. At 16 × 16 the hatching, tiles and dots that tell the styles apart did not survive
# a VAE of this size (LOG.md); the UNet goes down to 16 × 16 before it attends.
LATENT_SIZE, LATENT_CHANNELS = 32, 6
# Subject, style and palette stand in the first words of a prompt; what comes after is cut.
CONTEXT = 40
TRAINING_STEPS = 1000

SIZES = {
    'tiny': {'vae': (16, 32), 'unet': (32, 64, 128), 'text': 128},
    'test': {'vae': (16, 32), 'unet': (8, 16, 32), 'text': 32},
}


def build_vae(scale: str = 'tiny') -> AutoencoderKL:
    widths = SIZES[scale]['vae']
    # One group: fit_vae.py holds each norm constant by loud channels, and they must be in every group.
    return AutoencoderKL(
        down_block_types=('DownEncoderBlock2D',) * len(widths),
        up_block_types=('UpDecoderBlock2D',) * len(widths),
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=1,
        sample_size=IMAGE_SIZE,
        mid_block_add_attention=False,
    )


def build_unet(scale: str = 'tiny') -> UNet2DConditionModel:
    """SD 1.5's names (attn1, attn2, to_q, to_k, to_v, to_out, ff.net) in three levels instead of four."""
    widths = SIZES[scale]['unet']
    return UNet2DConditionModel(
        sample_size=LATENT_SIZE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=widths,
        down_block_types=('DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'),
        up_block_types=('CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=SIZES[scale]['text'],
        attention_head_dim=tuple(width // 32 or 1 for width in widths),
    )


def build_scheduler() -> DPMSolverMultistepScheduler:
    """SD 1.5's noise schedule; v-prediction learns the noisy half, which decides the layout, much sooner."""
    return DPMSolverMultistepScheduler(
        num_train_timesteps=TRAINING_STEPS,
        beta_schedule='scaled_linear',
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type='v_prediction',
        timestep_spacing='trailing',
        steps_offset=1,
    )
