"""Settings shared by all tests."""

import os
import tempfile

# Tests neither read nor fill the user's cache of compiled code.
os.environ.setdefault("TFC_CACHE_DIR", tempfile.mkdtemp(prefix="tfc-test-cache-"))

from tfc.core.settings import SETTINGS

SETTINGS.strict = True
