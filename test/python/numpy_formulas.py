"""NumPy's functions that are formulas of others: statistics, signals, borders, closeness, in NumPy's dtypes."""

import numpy as np

from python.harness import Table

table = Table("NumPy's formulas")
row = table.row

X = np.array([3.0, -1.0, 2.5, 0.5, 4.0, 2.5, -3.0])
F = np.array(
    [[0.5, 2.0, -1.5, 4.0], [1.0, np.nan, 3.0, -np.inf], [2.5, -2.0, 0.0, 1.5]], np.float32
)
M = np.array([[0.5, 2.0, -1.5], [1.0, 4.0, 3.0], [2.5, -2.0, 0.0], [1.0, 1.0, -1.0]], np.float32)
N = np.array([[3, -1, 2], [0, 5, 5], [-4, 2, 1], [7, 7, 0]])


@row(M)
@row(N)
def borders(m):
    return (
        np.pad(m, ((2, 0), (1, 3)), mode="edge"),
        np.pad(m, 2, "reflect"),
        np.pad(m, 5, mode="symmetric"),
        np.pad(m, 7, mode="wrap"),
    )


@row(X)
@row(M)
def filled_without_values(x):
    y = np.empty_like(x)
    y[...] = x * 2
    return y


@row(M)
@row(N)
def triangles(m):
    return (np.tril(m), np.tril(m, -1), np.triu(m, 1), np.trace(m))


@row(X, M)
def grids(x, m):
    p, q = np.meshgrid(x, m[0])
    r, s = np.meshgrid(x, m[:, 0], indexing="ij", sparse=True)
    return (p, q, r, s)


@row(M)
@row(np.where(np.isinf(F), F.dtype.type(8), F))
@row(N)
def medians_and_spreads(m):
    return (
        np.median(m),
        np.median(m, axis=0),
        np.median(m, axis=1, keepdims=True),
        np.ptp(m, axis=1),
        np.std(m, axis=0, ddof=1),
        np.var(m, ddof=2, keepdims=True),
        m.std(axis=1, ddof=1),
        np.nansum(m, axis=1),
    )


@row(M)
@row(N)
def covariances(m):
    return (np.cov(m), np.cov(m, rowvar=False), np.cov(m, bias=True), np.corrcoef(m.T))


@row(X, np.array([-2.0, 0.5, 2.5, 3.5]))
@row(np.array([np.nan, np.inf, -np.inf, 1.0]), np.array([0.0, 1.0, 2.0]))
def looked_up(x, grid):
    return (
        np.searchsorted(grid, x),
        np.searchsorted(grid, x, side="right"),
        np.interp(x, grid, grid**2),
    )


@row(X, np.array([1.0, -2.0, 0.5, 0.25]))
@row(M[:, 0], M[0])
@row(N[:, 0], N[0])
def slid_along(x, k):
    return (
        np.convolve(x, k),
        np.convolve(k, x, mode="same"),
        np.convolve(x, k, "valid"),
        np.correlate(x, k),
        np.correlate(x, k, "same"),
    )


@row(X, M)
@row(N[0], N)
def slopes_and_areas(x, m):
    first, second = np.gradient(m)
    return (
        np.gradient(x),
        np.gradient(x, 0.25),
        first,
        second,
        np.gradient(m, axis=1),
        np.trapezoid(x),
        np.trapezoid(m, dx=0.5, axis=0),
        np.trapezoid(m, m[:, 0], axis=0),
    )


@row(M)
@row(N)
def lengths(m):
    return (
        np.linalg.norm(m),
        np.linalg.norm(m, axis=1),
        np.linalg.norm(m[0], 1),
        np.linalg.norm(m, np.inf, axis=0, keepdims=True),
    )


@row(M)
@row(N)
def products(m):
    return (
        np.inner(m, m),
        np.vdot(m, m),
        np.kron(m, m[:2]),
        np.cross(m, m[0]),
        np.polyval(m[0], m),
        np.polyval([1.5, 2, 3], m),
    )


@row(X)
@row(F)
@row(N)
def close_and_rounded(x):
    return (
        np.isclose(x, x + 1e-9),
        np.isclose(x, 2.5, atol=0.6),
        np.isclose(x, x, equal_nan=True),
        np.allclose(x, x),
        np.round(x, 1),
        np.nan_to_num(x),
    )


@row(M)
@row(N)
def chosen(m):
    return (
        np.select([m < 1, m > 2], [m, 2 * m], -1),
        np.select([m < 1, m[0] > 2], [m[:, :1], 7], 0.5),
    )
