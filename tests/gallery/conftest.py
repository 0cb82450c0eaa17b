"""An assertion of a law says what it compared, as one in a test does."""

import pytest

pytest.register_assert_rewrite("laws")
