import { judgeClient } from '../lib/client.mjs';
import { kilo } from './kilo.mjs';

judgeClient(kilo);
