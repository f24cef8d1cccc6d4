import t from 'tap';
import { qdrantPlaces } from '../support/vector-places.ts';
import { vectorContract } from './vectors.ts';

t.setTimeout(600_000);
t.test('the Qdrant store', async (t) => vectorContract(t, await qdrantPlaces(t)));
