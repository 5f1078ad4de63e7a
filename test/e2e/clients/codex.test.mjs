import { judgeClient } from '../lib/client.mjs';
import { codex } from './codex.mjs';

judgeClient(codex);
