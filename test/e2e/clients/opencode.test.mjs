import { judgeClient } from '../lib/client.mjs';
import { opencode } from './opencode.mjs';

judgeClient(opencode);
