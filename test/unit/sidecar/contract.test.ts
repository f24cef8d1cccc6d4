import { readFileSync } from 'node:fs';
import t from 'tap';
import { Compile } from 'typebox/compile';
import { CONTRACT, JobRequest } from '../../../schemas/sidecar.ts';
import { CONTRACT_FILE, contractJson } from '../../../scripts/sidecar-contract.ts';

t.test('the contract that Python reads is what the schemas say (npm run contract writes it)', async (t) => {
  t.equal(readFileSync(CONTRACT_FILE, 'utf8'), contractJson());
});

t.test('a request names a plain job, its attempt and the fence it is sent under', async (t) => {
  const check = Compile(JobRequest);
  const request = {
    contract: CONTRACT,
    id: '0198c5a4-7c11-7bb0-9d0e-3a3c4b1f2d77',
    kind: 'train-clip',
    spec: {},
    attempt: 1,
    fence: 1,
    leaseSeconds: 15,
  };
  t.ok(check.Check(request));
  for (const change of [{ id: '../x' }, { attempt: 0 }, { fence: -1 }, { spec: null }, { more: 1 }])
    t.notOk(check.Check({ ...request, ...change }), JSON.stringify(change));
});
