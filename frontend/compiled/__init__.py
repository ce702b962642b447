"""The object behind `@tf.function`: specialisations of a Python function, chosen and made at its calls."""
