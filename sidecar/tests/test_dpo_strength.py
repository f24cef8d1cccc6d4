"""How much of an adapter is kept."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hamlet_sidecar.dpo import guards
from hamlet_sidecar.dpo import strength as strength_module
from hamlet_sidecar.dpo.looks import prompts_for
from hamlet_sidecar.dpo.spec import complete
from hamlet_sidecar.dpo.strength import choose_strength
from hamlet_sidecar.dpo.train import keepable


class Drawing:
    """An easel whose pictures are as bright as the adapter on it is strong."""

    def __init__(self, pipeline, spec):
        self.pipeline, self.seed = pipeline, spec['seed']

    def draw(self, prompts: list[str], _) -> np.ndarray:
        return np.full(len(prompts), float(self.pipeline.unet.lora_B.detach()))

    def draw_base(self, prompts: list[str], _) -> np.ndarray:
        return np.zeros(len(prompts))


@pytest.mark.parametrize(('cost', 'chosen', 'tried'), [(0.001, 1.0, 1), (0.015, 0.5, 3), (10.0, 0.25, 5)])
def test_of_an_adapter_as_much_is_kept_as_leaves_clip_score_where_it_was(monkeypatch, cost, chosen, tried):
    monkeypatch.setattr(strength_module, 'Easel', Drawing)
    unet = torch.nn.Module()
    unet.lora_B = torch.nn.Parameter(torch.tensor(0.0))
    spec = {**complete({}), 'strengths': [1.0, 0.7, 0.5, 0.35, 0.25]}
    asked: list[str] = []

    def clip(pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        asked.extend(prompts)
        return 0.5 * (1 - cost * pixels)

    easel = Drawing(SimpleNamespace(unet=unet), spec)
    job = SimpleNamespace(log=lambda _: None)
    held_out = [f'prompt {n}' for n in range(400)]
    told = choose_strength(easel, clip, held_out, {'lora_B': torch.tensor(1.0)}, spec, job)
    assert told['passed'] == (cost < 1)
    assert told['chosen'] == chosen == pytest.approx(float(unet.lora_B.detach()))
    assert [one['strength'] for one in told['tried']] == spec['strengths'][:tried]
    assert set(asked).isdisjoint(prompts_for(held_out, spec['verdict'])), 'the verdict asks about others'


def test_what_only_leaves_its_prompts_may_be_kept_at_less_than_its_full_strength():
    inferior, saturated = (guards.Stop(code, '') for code in ('clip-inferior', 'contrast-saturates'))
    assert keepable(None, {'strengths': [1.0]})
    assert keepable(inferior, {'strengths': [1.0, 0.5]})
    assert not keepable(inferior, {'strengths': [1.0]})
    assert not keepable(saturated, {'strengths': [1.0, 0.5]})
