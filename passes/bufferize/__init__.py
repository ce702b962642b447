"""The parts of `one-shot-bufferize`: liveness, buffers, and how each op is rewritten."""
