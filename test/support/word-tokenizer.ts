/** The two files of a tokenizer that knows these words (from id 2) and splits at spaces and punctuation. */
export function wordTokenizer(words: string[]): Record<'tokenizer.json' | 'tokenizer_config.json', string> {
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', ...words].map((word, id) => [word, id]));
  const special = (content: string, id: number) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  });
  return {
    'tokenizer_config.json': JSON.stringify({
      ...{ tokenizer_class: 'PreTrainedTokenizerFast', pad_token: '[PAD]', unk_token: '[UNK]' },
      model_max_length: 512,
    }),
    'tokenizer.json': JSON.stringify({
      version: '1.0',
      added_tokens: [special('[PAD]', 0), special('[UNK]', 1)],
      ...{ normalizer: null, pre_tokenizer: { type: 'Whitespace' }, post_processor: null, decoder: null },
      model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
    }),
  };
}
