import { judgeClient } from '../lib/client.mjs';
import { crush, program } from './crush.mjs';

if (!program) throw new Error('AGT_CRUSH names no program');
judgeClient(crush);
