import { judgeClient } from '../lib/client.mjs';
import { qwen } from './qwen.mjs';

judgeClient(qwen);
