"""Values: tensors, dtypes, shapes, variables, and how an op is applied to them."""
