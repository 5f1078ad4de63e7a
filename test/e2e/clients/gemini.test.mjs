import { judgeClient } from '../lib/client.mjs';
import { gemini } from './gemini.mjs';

judgeClient(gemini);
