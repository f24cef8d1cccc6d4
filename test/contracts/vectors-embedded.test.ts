import t from 'tap';
import { embeddedPlace } from '../support/vector-places.ts';
import { vectorContract } from './vectors.ts';

t.test('the embedded store', async (t) => vectorContract(t, embeddedPlace));
