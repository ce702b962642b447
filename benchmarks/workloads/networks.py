"""Neural networks: forward, one training step, convolution, attention."""

import numpy as np
from libraries import compiled, functional, jax, jnp, prange, scipy_special, tf, torch
from workload import EXP, Workload, integers, normal

DENSE = (
    normal(784, 512, scale=0.05),
    normal(512),
    normal(512, 512, scale=0.05),
    normal(512),
    normal(512, 10, scale=0.05),
    normal(10),
)
DENSE_FLOPS = 2 * 256 * (784 * 512 + 512 * 512 + 512 * 10)


def numpy_mlp(x, w1, b1, w2, b2, w3, b3):
    h1 = np.maximum(x @ w1 + b1, 0)
    h2 = np.maximum(h1 @ w2 + b2, 0)
    return h1, h2, h2 @ w3 + b3


def tf_mlp(x, w1, b1, w2, b2, w3, b3):
    h = tf.nn.relu(x @ w1 + b1)
    h = tf.nn.relu(h @ w2 + b2)
    return h @ w3 + b3


def jax_mlp(x, w1, b1, w2, b2, w3, b3):
    h = jax.nn.relu(x @ w1 + b1)
    h = jax.nn.relu(h @ w2 + b2)
    return h @ w3 + b3


def torch_mlp(x, w1, b1, w2, b2, w3, b3):
    h = torch.relu(torch.addmm(b1, x, w1))
    h = torch.relu(torch.addmm(b2, h, w2))
    return torch.addmm(b3, h, w3)


class mlp_forward(Workload):
    inputs = (normal(256, 784), *DENSE)
    flops = DENSE_FLOPS
    bytes = 4 * (256 * 784 + 784 * 512 + 512 * 512 + 512 * 10)

    def numpy(*inputs):
        return numpy_mlp(*inputs)[-1]

    def tf(x, w1, b1, w2, b2, w3, b3):
        return tf_mlp(x, w1, b1, w2, b2, w3, b3)

    def jax(*inputs):
        return jax_mlp(*inputs)

    def torch(*inputs):
        return torch_mlp(*inputs)


class mlp_train_step(Workload):
    """Cross entropy, all gradients, and a step of plain gradient descent."""

    inputs = (normal(256, 784), integers(256, high=10), *DENSE)
    flops = 3 * DENSE_FLOPS - 2 * 256 * 784 * 512  # nobody needs the gradient of the input
    bytes = mlp_forward.bytes * 3
    stateful = True

    def numpy(x, y, *parameters):
        state = [np.array(p) for p in parameters]

        def step():
            _, _, w2, _, w3, _ = state
            h1, h2, z = numpy_mlp(x, *state)
            z = z - z.max(1, keepdims=True)
            p = np.exp(z)
            p /= p.sum(1, keepdims=True)
            rows = np.arange(len(y))
            loss = -np.log(p[rows, y]).mean()
            p[rows, y] -= 1
            d3 = p / len(y)
            d2 = (d3 @ w3.T) * (h2 > 0)
            d1 = (d2 @ w2.T) * (h1 > 0)
            gradients = x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)
            for parameter, gradient in zip(state, gradients, strict=True):
                np.subtract(parameter, 0.01 * gradient, out=parameter)
            return loss

        return step

    def tf(x, y, *parameters):
        variables = [tf.Variable(p) for p in parameters]

        @compiled
        def step(x, y):
            with tf.GradientTape() as tape:
                logits = tf_mlp(x, *variables)
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
                )
            for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
                v.assign_sub(0.01 * g)
            return loss

        return lambda: step(x, y)

    def jax(x, y, *parameters):
        def loss_of(parameters):
            logs = jax.nn.log_softmax(jax_mlp(x, *parameters))
            return -jnp.take_along_axis(logs, y[:, None], 1).mean()

        def step(parameters):
            loss, gradients = jax.value_and_grad(loss_of)(parameters)
            return [p - 0.01 * g for p, g in zip(parameters, gradients, strict=True)], loss

        jitted = jax.jit(step, donate_argnums=0)
        state = [jnp.array(p, copy=True) for p in parameters]

        def advance():
            nonlocal state
            state, loss = jitted(state)
            return loss

        return advance

    def torch(x, y, *parameters):
        state = [p.clone().requires_grad_() for p in parameters]
        optimizer = torch.optim.SGD(state, 0.01)
        labels = y.long()

        @compiled
        def loss_of(x, labels):
            return functional.cross_entropy(torch_mlp(x, *state), labels)

        def step():
            optimizer.zero_grad()
            loss = loss_of(x, labels)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return step


def numpy_conv(x, k):
    """3 x 3, padded: nine products of matrices."""
    _, h, w, _ = x.shape
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(x[:, i : i + h, j : j + w] @ k[i, j] for i in range(3) for j in range(3))


def numpy_pool(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def jax_conv(x, k):
    return jax.lax.conv_general_dilated(
        x, k, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def jax_pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def channels_last(x):
    """torch's name for the layout that the others' images have: a view, nothing moves."""
    return x.permute(0, 3, 1, 2)


def torch_kernel(k):
    return k.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)


class conv_single(Workload):
    inputs = (normal(8, 56, 56, 64), normal(3, 3, 64, 64))
    flops = 2 * 8 * 56 * 56 * 64 * 64 * 9
    bytes = 2 * 4 * 8 * 56 * 56 * 64

    numpy = numpy_conv
    jax = jax_conv

    def tf(x, k):
        return tf.nn.conv2d(x, k, 1, "SAME")

    def torch_inputs(x, k):
        return x, torch_kernel(k)

    def torch(x, k):
        return functional.conv2d(channels_last(x), k, padding=1).permute(0, 2, 3, 1)

    def numba(x, k):
        n, h, w, channels = x.shape
        y = np.zeros((n, h, w, k.shape[3]), x.dtype)
        for b in prange(n):
            for r in range(h):
                for s in range(w):
                    for i in range(max(0, 1 - r), min(3, h + 1 - r)):
                        for j in range(max(0, 1 - s), min(3, w + 1 - s)):
                            for c in range(channels):
                                for o in range(k.shape[3]):
                                    y[b, r, s, o] += x[b, r + i - 1, s + j - 1, c] * k[i, j, c, o]
        return y


class conv_net(Workload):
    """Two convolutions with pooling, then a dense layer."""

    inputs = (
        normal(32, 28, 28, 1),
        normal(3, 3, 1, 32),
        normal(3, 3, 32, 64, scale=0.1),
        normal(3136, 10, scale=0.05),
    )
    flops = 2 * 32 * (28 * 28 * 9 * 32 + 14 * 14 * 9 * 32 * 64 + 3136 * 10)
    bytes = 4 * 32 * 28 * 28

    def numpy(x, k1, k2, w):
        h = numpy_pool(np.maximum(numpy_conv(x, k1), 0))
        h = numpy_pool(np.maximum(numpy_conv(h, k2), 0))
        return h.reshape(len(h), -1) @ w

    def tf(x, k1, k2, w):
        h = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, k1, 1, "SAME")), 2, 2, "VALID")
        h = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(h, k2, 1, "SAME")), 2, 2, "VALID")
        return tf.reshape(h, [32, -1]) @ w

    def jax(x, k1, k2, w):
        h = jax_pool(jax.nn.relu(jax_conv(x, k1)))
        h = jax_pool(jax.nn.relu(jax_conv(h, k2)))
        return h.reshape(32, -1) @ w

    def torch_inputs(x, k1, k2, w):
        return x, torch_kernel(k1), torch_kernel(k2), w

    def torch(x, k1, k2, w):
        h = functional.max_pool2d(functional.conv2d(channels_last(x), k1, padding=1).relu(), 2)
        h = functional.max_pool2d(functional.conv2d(h, k2, padding=1).relu(), 2)
        return h.permute(0, 2, 3, 1).reshape(32, -1) @ w


class attention(Workload):
    inputs = (normal(4, 8, 256, 64),) * 3
    flops = 4 * 8 * 256 * 256 * (4 * 64 + EXP + 4)
    bytes = 4 * 4 * 4 * 8 * 256 * 64

    def numpy(q, k, v):
        scores = q @ k.swapaxes(-1, -2) * 0.125
        e = np.exp(scores - scores.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True) @ v

    def tf(q, k, v):
        return tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * 0.125) @ v

    def jax(q, k, v):
        return jax.nn.softmax(q @ k.swapaxes(-1, -2) * 0.125) @ v

    def torch(q, k, v):
        return functional.scaled_dot_product_attention(q, k, v)


class transformer_block(Workload):
    """Pre-norm, 4 heads of 64, a feed-forward layer four times as wide; 4 sequences of 128."""

    inputs = (
        normal(4, 128, 256),
        normal(256, 768, scale=0.06),
        normal(256, 256, scale=0.06),
        normal(256, 1024, scale=0.06),
        normal(1024, 256, scale=0.03),
    )
    flops = 2 * 512 * 256 * (768 + 256 + 2048) + 4 * 4 * 4 * 128 * 128 * 64
    bytes = 4 * (2 * 512 * 256 + 256 * (768 + 256 + 2048))

    def numpy(x, wqkv, wo, w1, w2):
        def norm(x):
            centred = x - x.mean(-1, keepdims=True)
            return centred / np.sqrt(np.square(centred).mean(-1, keepdims=True) + 1e-5)

        qkv = (norm(x) @ wqkv).reshape(4, 128, 3, 4, 64).transpose(2, 0, 3, 1, 4)
        heads = attention.numpy(*qkv).transpose(0, 2, 1, 3).reshape(4, 128, 256)
        x = x + heads @ wo
        h = norm(x) @ w1
        h = 0.5 * h * (1 + scipy_special.erf(h * 0.7071067811865476))
        return x + h @ w2

    def tf(x, wqkv, wo, w1, w2):
        def norm(x):
            mean, variance = tf.nn.moments(x, [-1], keepdims=True)
            return (x - mean) * tf.math.rsqrt(variance + 1e-5)

        qkv = tf.reshape(tf.matmul(norm(x), wqkv), [4, 128, 3, 4, 64])
        q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        heads = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * 0.125) @ v
        heads = tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [4, 128, 256])
        x = x + tf.matmul(heads, wo)
        return x + tf.matmul(tf.nn.gelu(tf.matmul(norm(x), w1)), w2)

    def jax(x, wqkv, wo, w1, w2):
        def norm(x):
            return (x - x.mean(-1, keepdims=True)) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5)

        q, k, v = (norm(x) @ wqkv).reshape(4, 128, 3, 4, 64).transpose(2, 0, 3, 1, 4)
        heads = jax.nn.softmax(q @ k.swapaxes(-1, -2) * 0.125) @ v
        x = x + heads.transpose(0, 2, 1, 3).reshape(4, 128, 256) @ wo
        return x + jax.nn.gelu(norm(x) @ w1, approximate=False) @ w2

    def torch(x, wqkv, wo, w1, w2):
        def norm(x):
            return functional.layer_norm(x, (256,))

        q, k, v = (norm(x) @ wqkv).reshape(4, 128, 3, 4, 64).permute(2, 0, 3, 1, 4)
        heads = functional.scaled_dot_product_attention(q, k, v)
        x = x + heads.transpose(1, 2).reshape(4, 128, 256) @ wo
        return x + functional.gelu(norm(x) @ w1) @ w2
