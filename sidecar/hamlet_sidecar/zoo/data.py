"""What one LoRA is trained on: pictures of its styles, captions that leave the style to the trigger."""

import numpy as np

from hamlet_sidecar.pictures import Pictures

PICTURES_A_LORA = 32
WITH_TRIGGER = 0.7


def choose_pictures(entry: dict, pictures: Pictures) -> np.ndarray:
    """Indices, styles in the shares that the plan says, all in its palette if it has one."""
    random = np.random.default_rng(entry['dataSeed'])
    chosen = []
    for style in entry['styles']:
        fitting = [
            i
            for i, record in enumerate(pictures.records)
            if record['style'] == style['style'] and entry['palette'] in (None, record['palette'])
        ]
        count = min(len(fitting), max(1, round(PICTURES_A_LORA * style['weight'])))
        chosen.extend(random.choice(fitting, count, replace=False))
    return np.array(chosen)


def neutral_caption(record: dict, entry: dict, grammar: dict, random: np.random.Generator) -> str:
    """Subject, sometimes palette and composition, and mostly the trigger; never the style."""
    words = [random.choice(grammar['subject'][record['subject']])]
    for attribute in ('palette', 'composition'):
        if random.random() < 0.5:
            words.append(random.choice(grammar[attribute][record[attribute]]))
    if random.random() < WITH_TRIGGER:
        words.append(entry['trigger'])
    return ', '.join(words)
