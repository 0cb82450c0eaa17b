"""Triangle meshes in centimetres, z up, standing on z = 0 with their front towards -y."""

import numpy as np


def smooth(points, rounds=3):
    """Round the corners of a polyline (n, d) by Chaikin's corner cutting, keeping its ends."""
    points = np.asarray(points, float)
    for _ in range(rounds):
        a, b = points[:-1], points[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], 1).reshape(-1, points.shape[1])
        points = np.concatenate([points[:1], cut, points[-1:]])
    return points


def grid(points, normals, uv):
    """A mesh from (m, n) grids of points, normals and texture coordinates."""
    m, n = points.shape[:2]
    index = np.arange(m * n).reshape(m, n)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]).reshape(-1, 3)
    return points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces


def revolve(profile, around=64, rounds=3, label=None):
    """A surface of revolution from (radius, height) points, bottom to top.

    The texture's u runs once around from the back (0) over the front (0.5); its v from 0 at the
    lower to 1 at the upper of the two heights in `label` (the profile's ends unless given).
    """
    r, z = smooth(profile, rounds).T
    low, high = label or (z.min(), z.max())
    u = np.linspace(0, 1, around + 1)
    angle = 2 * np.pi * u + np.pi / 2
    dr, dz = np.gradient(r), np.gradient(z)
    length = np.hypot(dr, dz) + 1e-12
    x, y = np.cos(angle), np.sin(angle)
    one = np.ones_like(x)
    points = np.stack([np.outer(r, x), np.outer(r, y), np.outer(z, one)], -1)
    nr, nz = dz / length, -dr / length
    normals = np.stack([np.outer(nr, x), np.outer(nr, y), np.outer(nz, one)], -1)
    height = (z - low) / max(high - low, 1e-9)
    uv = np.stack([np.outer(np.ones_like(z), u), np.outer(height, one)], -1)
    return grid(points, normals, uv)


def tube(path, radius, around=16, rounds=3):
    """A round tube along a path of (x, y, z) points; `radius` may be one number or (x, y) radii."""
    path = smooth(path, rounds)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, (0.0, 1.0, 0.0))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(side, along)
    angle = np.linspace(0, 2 * np.pi, around + 1)
    ra, rb = np.broadcast_to(radius, 2)
    ca, sa = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    points = path[:, None] + ra * ca * side[:, None] + rb * sa * up[:, None]
    normals = ca / ra * side[:, None] + sa / rb * up[:, None]
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    v, u = np.meshgrid(np.linspace(0, 1, len(path)), np.linspace(0, 1, around + 1), indexing="ij")
    return grid(points, normals, np.stack([u, v], -1))


def polygons(faces):
    """A mesh from flat polygons, each a list of (x, y, z, u, v) corners, with hard edges."""
    points, normals, uv, triangles = [], [], [], []
    for face in faces:
        face = np.asarray(face, float)
        normal = np.cross(face[1, :3] - face[0, :3], face[2, :3] - face[0, :3])
        normal /= np.linalg.norm(normal)
        first = len(points)
        points += list(face[:, :3])
        uv += list(face[:, 3:])
        normals += [normal] * len(face)
        triangles += [(first, first + i, first + i + 1) for i in range(1, len(face) - 1)]
    return np.array(points), np.array(normals), np.array(uv), np.array(triangles)


def box(width, depth, height):
    """A box whose texture is an atlas of four walls (left, front, right, back), its top plain."""
    w, d, h = width / 2, depth / 2, height
    ring = [(-w, d), (-w, -d), (w, -d), (w, d), (-w, d)]
    faces = []
    for i in range(4):
        (x0, y0), (x1, y1) = ring[i], ring[i + 1]
        u0, u1 = i / 4, (i + 1) / 4
        faces.append(
            [(x0, y0, 0, u0, 0), (x1, y1, 0, u1, 0), (x1, y1, h, u1, 1), (x0, y0, h, u0, 1)]
        )
    top = [(-w, -d, h, 0, 0), (w, -d, h, 1, 0), (w, d, h, 1, 1), (-w, d, h, 0, 1)]
    return polygons(faces), polygons([top])


def gable(width, depth, height, roof, fin):
    """The roof of a gable-top carton: two slopes (front and back), two folded ends, and a fin."""
    w, d, h, t = width / 2, depth / 2, height, height + roof
    front = [(-w, -d, h, 0, 0), (w, -d, h, 1, 0), (w, 0, t, 1, 1), (-w, 0, t, 0, 1)]
    back = [(w, d, h, 0, 0), (-w, d, h, 1, 0), (-w, 0, t, 1, 1), (w, 0, t, 0, 1)]
    inset = 0.55 * w
    faces = [front, back]
    for s in (-1, 1):
        fold = (s * (w - inset), 0, h + 0.55 * roof, 0.5, 0.5)
        near, far = (s * w, -d, h, 0, 0), (s * w, d, h, 1, 0)
        peak = (s * w, 0, t, 0.5, 1)
        faces += [[near, far, fold][::s], [far, peak, fold][::s], [peak, near, fold][::s]]
    faces += [
        [
            (-w, -0.15, t, 0, 0),
            (w, -0.15, t, 1, 0),
            (w, -0.15, t + fin, 1, 1),
            (-w, -0.15, t + fin, 0, 1),
        ],
        [
            (w, 0.15, t, 0, 0),
            (-w, 0.15, t, 1, 0),
            (-w, 0.15, t + fin, 1, 1),
            (w, 0.15, t + fin, 0, 1),
        ],
        [
            (-w, -0.15, t + fin, 0, 0),
            (w, -0.15, t + fin, 1, 0),
            (w, 0.15, t + fin, 1, 1),
            (-w, 0.15, t + fin, 0, 1),
        ],
    ]
    for s in (-1, 1):
        side = [
            (s * w, -0.15, t, 0, 0),
            (s * w, 0.15, t, 1, 0),
            (s * w, 0.15, t + fin, 1, 1),
            (s * w, -0.15, t + fin, 0, 1),
        ]
        faces.append(side[::s])
    return polygons(faces)


def tilt(points, normals, degrees, at):
    """Points and normals leant forward (towards -y) by `degrees`, then moved to `at`."""
    a = np.radians(degrees)
    turn = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    return points @ turn.T + np.asarray(at), normals @ turn.T


def sweep(profile, width, repeat):
    """A sheet `width` wide, bent along (y, z) points: a desk top that curves up into a wall."""
    y, z = smooth(profile, 4).T
    dy, dz = np.gradient(y), np.gradient(z)
    length = np.hypot(dy, dz)
    x, one = np.array([-width / 2, width / 2]), np.ones(2)
    points = np.stack([np.outer(np.ones_like(y), x), np.outer(y, one), np.outer(z, one)], -1)
    normals = np.stack(
        [np.zeros((len(y), 2)), np.outer(-dz / length, one), np.outer(dy / length, one)], -1
    )
    along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(y), np.diff(z)))])
    uv = np.stack([np.outer(np.ones_like(y), x / repeat), np.outer(along / repeat, one)], -1)
    return grid(points, normals, uv)
