import { judgeClient } from '../lib/client.mjs';
import { claude } from './claude.mjs';

judgeClient(claude);
