"""Programs on views of NumPy arrays: what shares memory, what is a copy, and what is assigned to a view."""

import numpy as np

from python.harness import Table

table = Table("NumPy views")
row = table.row

A = np.arange(12.0).reshape(3, 4)
B = np.arange(24.0).reshape(4, 6) * 2
C = np.arange(30.0).reshape(5, 6) - 7

both = row(A, B, C)


@both
def assigned_to_transposes(x):
    x.T[1:, 0] += 3.0
    x.swapaxes(0, 1)[0] = 5.0
    np.moveaxis(x[None], 0, -1)[1, 1, 0] = 8.0
    return x


@both
def assigned_to_the_flattened_array(x):
    x.ravel()[::2] = -1
    x.reshape(-1)[3:5] = x[0, 1]
    x.T.flat[3] = 7
    x.flat[1] = 5
    return x


@both
def copies_see_nothing(x):
    copies = (
        x.T.ravel(),
        x[:, ::2].reshape(-1),
        np.asarray(x, np.float32),
        x.flatten(),
        x.astype(bool),
    )
    x.T.ravel()[0] = 50
    x.T.reshape(-1)[1] = 60
    x[0] = 99
    return x, copies


@both
def views_see_what_is_assigned(x):
    views = (
        x.ravel(), x.T, x[1:].reshape(-1), np.ascontiguousarray(x), x.astype(float, copy=False), x.diagonal(),
        np.rot90(x), np.atleast_3d(x), np.flipud(x), np.diag(x[:3, :3]), x.real, x.view(), np.atleast_2d(x[0]),
    )  # fmt: skip
    x[0, 1] = 99
    x[1] = 50
    return [view + 0 for view in views]


@both
def assigned_to_turned_arrays(x):
    np.rot90(x)[0] = 1
    np.fliplr(x)[:, 0] = 8
    np.flip(x)[0, 0] = -5
    x[::2, 1::2].T[0] = 4
    return x


@both
def views_of_views(x):
    v = x[1:3].T
    v *= 2
    x[1, 1] = 100
    w = v[1:3]
    w += 1
    v[0, 0] = 50
    return x, v, w


@both
def parts(x):
    a, b = np.split(x, 2, axis=1)
    a += 1
    b[0] = 7
    first, *_ = np.array_split(x, 2)
    first[0, 0] = 100
    return x, a, b


@row(A)
def numbered_elements(x):
    np.split(x, 3)[1][0, 2] = 40
    np.array_split(x.ravel(), 5)[1][:2] = 30
    np.reshape(x, (4, 3), order="F")[0, 1] = 55
    return x


@both
def rows_of_a_transposed_array(x):
    for r in x.T:
        r[0] = r.sum()
    return x


@both
def sorted_through_a_view(x):
    x.T[::-1].sort(axis=0)
    np.multiply(x.T, 2, out=x.T)
    return x


@row(A)
def put(x):
    np.put(x, [0, -1], [5.0, 6.0])
    np.put(x, 2, 9)
    np.putmask(x, x > 8, -1)
    np.putmask(x, x < 0, x * 2 + 100)
    return x


@row(np.array([0, 3, 4]), np.array([0]))
def lists_of_arrays(x):
    places = [place for place, item in np.ndenumerate(x) if item > 3]
    return np.flatnonzero(x).tolist(), x[x > 3].tolist(), np.argwhere(x).tolist(), places


@row((3, 0.5), (0, 0.5))
def known_scalars_meet_numbers(n, step):
    angle = 1.0
    for _ in range(n):
        angle = angle + 9.81 * np.sin(angle) * step
    return angle, np.sin(1.0) * step
