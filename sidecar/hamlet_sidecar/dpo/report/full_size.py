"""Steps of a UNet as large as Stable Diffusion 1.5's, randomly initialised: memory and time, on a GPU only."""

import time
from typing import Any

import torch

from hamlet_sidecar.dpo.adapter import add_adapter, reference
from hamlet_sidecar.dpo.memory import peak_memory_mb
from hamlet_sidecar.dpo.objective import preference_logits, preference_loss, squared_errors

STEPS, PAIRS = 20, 4


def full_size_steps() -> dict[str, Any]:
    if not torch.cuda.is_available():
        return {'skipped': 'there is no GPU on this machine'}
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8).to('cuda')
    learned = add_adapter(unet, 8, 'attention')
    unet.enable_gradient_checkpointing()
    optimiser = torch.optim.AdamW(learned, lr=1e-5)
    noised, wanted = torch.randn(2, 2 * PAIRS, 4, 64, 64, device='cuda')
    at = torch.randint(1000, (2 * PAIRS,), device='cuda')
    hidden = torch.randn(2 * PAIRS, 77, 768, device='cuda')
    for step in range(STEPS + 2):
        if step == 2:
            torch.cuda.synchronize()
            began = time.perf_counter()
        with torch.autocast('cuda', torch.bfloat16):
            with torch.no_grad(), reference(unet):
                baseline = squared_errors(unet, noised, at, hidden, wanted).view(2, -1)
            policy = squared_errors(unet, noised, at, hidden, wanted).view(2, -1)
        optimiser.zero_grad()
        preference_loss(preference_logits(policy, baseline, 2500.0)).mean().backward()
        optimiser.step()
    torch.cuda.synchronize()
    seconds = (time.perf_counter() - began) / STEPS
    return {'secondsAStep': round(seconds, 4), 'pairsAStep': PAIRS, 'peakMemoryMB': peak_memory_mb()}
