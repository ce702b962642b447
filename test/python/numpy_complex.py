"""Arrays of complex numbers, which NumPy computes on at run time: Fourier transforms and what is done with them."""

import numpy as np

from python.harness import Table, t

table = Table("NumPy complex")
row = table.row

X = np.random.default_rng(1).normal(size=12)
S = np.random.default_rng(2).normal(size=(6, 4))


@row(X, X[:5], X.astype(np.float32))
def spectrum(x):
    f = np.fft.fft(x)
    return (
        np.abs(f), np.angle(f), f.real, f.imag, (f * np.conj(f)).real / len(x), f.sum(), f.mean(), f[0], f[1:3], f[::-1],
        -f, f + 1, 1 - f, 2j * f, f / 2, f @ f, abs(f), f == f, f.shape, f.dtype, len(f), isinstance(f, np.ndarray),
        np.argmax(np.abs(f[1 : len(x) // 2])) + 1,
    )  # fmt: skip


@row(X, X[:5])
def low_pass(x):
    f = np.fft.rfft(x)
    f[np.fft.rfftfreq(len(x)) > 0.2] = 0
    return np.fft.irfft(f, n=len(x)), f


@row(S, S[:3, :3])
def changed_in_place(x):
    f = np.fft.fft2(x)
    g = np.fft.fftshift(f)
    h = g
    g *= 2
    g[0, :] = 1 + 2j
    g[:, 1] = x[:, 0]
    g.real[1] = 7
    g.imag[2] *= 2
    return h, np.fft.ifft2(np.fft.ifftshift(h)).real, g is h, f


@row((X, t(2)), (X[:5], t(0)))
def split_steps(x, n):
    psi = x * (1 + 0j)
    k = np.fft.fftfreq(len(x))
    for _ in range(n):
        psi = np.fft.ifft(np.exp(-1j * k**2) * np.fft.fft(psi))
        psi *= np.exp(-0.1j * x)
    return np.abs(psi) ** 2, psi


@row((X, t(1)), (X, t(-1)))
def on_paths(x, c):
    f = np.fft.rfft(x)
    if c > 0:
        f = f * 2
    else:
        f[1] = 0
    return f


@row((X, 2.0), (X[:3], t(2.0, np.float64)))
def waves(x, w):
    return np.exp(1j * w * x).sum(), x + 1j * x, np.sqrt(x + 0j)


@row((X, X[:3]), (X[:5], X))
def convolution(x, y):
    n = len(x) + len(y) - 1
    return np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(y, n), n)


@row(X)
def put_together(x):
    f = np.fft.rfft(x)
    return np.stack([f, f]), np.concatenate([f, f]), np.where(np.abs(f) > 1, f, 0), f"{f[0]:.2f}"


@row(X)
def in_several_places(x):
    f = np.fft.rfft(x)
    return f, [f], {"a": f, "b": f * 2}
