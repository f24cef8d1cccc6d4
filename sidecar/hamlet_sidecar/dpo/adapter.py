"""LoRA adapters on the UNet; with them off it is its own reference."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import Tensor, nn

from hamlet_sidecar.zoo.formats import write_lora

# The published recipe adapts attention alone.
LAYERS = {
    'attention': ['to_q', 'to_k', 'to_v', 'to_out.0'],
    'attention+feedforward': ['to_q', 'to_k', 'to_v', 'to_out.0', 'ff.net.0.proj', 'ff.net.2'],
}


def add_adapter(unet: nn.Module, rank: int, layers: str) -> list[nn.Parameter]:
    """The parameters that learn. B starts at zero: at first the adapter changes nothing."""
    from peft import LoraConfig

    unet.requires_grad_(False)
    unet.add_adapter(
        LoraConfig(r=rank, lora_alpha=rank, init_lora_weights='gaussian', target_modules=LAYERS[layers])
    )
    learned = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    for parameter in learned:
        parameter.data = parameter.data.float()
    return learned


@contextmanager
def reference(unet: nn.Module) -> Iterator[nn.Module]:
    unet.disable_adapters()
    try:
        yield unet
    finally:
        unet.enable_adapters()


def weights_of(unet: nn.Module) -> dict[str, Tensor]:
    return {
        name: parameter.detach().cpu().clone()
        for name, parameter in unet.named_parameters()
        if parameter.requires_grad
    }


def load_weights(unet: nn.Module, weights: dict[str, Tensor]) -> None:
    unet.load_state_dict(weights, strict=False)


def save_adapter(unet: nn.Module, rank: int, metadata: dict[str, str], folder: Path) -> None:
    """`adapter.safetensors` under kohya's names, which diffusers, ComfyUI and AUTOMATIC1111 all read."""
    entry = {'id': 'adapter', 'format': 'kohya', 'rank': rank, 'alpha': rank}
    write_lora(unet, entry, metadata, folder)
