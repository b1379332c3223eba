import numpy as np
import pytest
import shapely

from layers.physics.horizon import horizons_deg, make_obstacles


def seen_from(x, y, height_m, outlines, heights_m, owner=-1):
    obstacles = make_obstacles(np.array(outlines, dtype=object), np.array(heights_m, dtype=float))
    return horizons_deg(np.array([[x, y]]), np.array([height_m]), np.array([owner]), obstacles)[0]


def random_town(count, seed, large=True):
    rng = np.random.default_rng(seed)
    side = 25.0 * np.sqrt(count)
    middle = rng.uniform(0, side, (count, 2)) + np.array([385_000.0, 6_672_000.0])
    length, width = rng.uniform(8, 25, count), rng.uniform(6, 15, count)
    if large:
        length[:: max(1, count // 5)] = 140.0
    turn = rng.uniform(0, 180, count)
    turn = np.radians(turn)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    x, y = corners[:, 0] * length[:, None], corners[:, 1] * width[:, None]
    east = x * np.cos(turn)[:, None] - y * np.sin(turn)[:, None] + middle[:, :1]
    north = x * np.sin(turn)[:, None] + y * np.cos(turn)[:, None] + middle[:, 1:]
    outlines = shapely.polygons(np.stack([east, north], axis=-1))
    return np.array(outlines, dtype=object), middle, rng.uniform(3, 40, count)


def exact_horizon(outlines, heights, point, height_m, owner, radius_m=150.0):
    """Search with an STR tree and true intersections, one ray after the other."""
    tree = shapely.STRtree(outlines)
    found = np.zeros(36)
    for direction in range(36):
        angle = np.radians(10 * direction)
        ray = shapely.LineString([point, point + radius_m * np.array([np.sin(angle), np.cos(angle)])])
        for other in tree.query(ray, predicate="intersects"):
            if other == owner or heights[other] <= height_m + 0.2:
                continue
            hits = shapely.get_coordinates(shapely.intersection(shapely.boundary(outlines[other]), ray))
            away = np.hypot(*(hits - point).T)
            away = away[away > 0.5]
            if len(away):
                slope = (heights[other] - height_m) / away.min()
                found[direction] = max(found[direction], np.degrees(np.arctan(slope)))
    return found


def test_the_grid_finds_what_an_exact_search_finds():
    outlines, middle, heights = random_town(300, seed=4)
    owner = np.arange(300)
    ours = horizons_deg(middle, heights, owner, make_obstacles(outlines, heights))
    assert ours.max() > 30
    for i in range(0, 300, 7):
        assert ours[i] == pytest.approx(exact_horizon(outlines, heights, middle[i], heights[i], i), abs=1e-6)


def test_a_wall_20_m_east_and_20_m_higher_stands_at_45_degrees():
    horizon = seen_from(0, 0, 5.0, [shapely.box(20, -30, 25, 30)], [25.0])
    assert horizon[9] == pytest.approx(45.0)
    # in the direction of 60° the wall is 20 / sin 60° away
    assert horizon[6] == pytest.approx(np.degrees(np.arctan(np.sin(np.radians(60)))))
    assert horizon[18:].max() == 0


def test_lower_neighbours_distant_ones_and_the_own_roof_hide_nothing():
    assert seen_from(0, 0, 10.0, [shapely.box(20, -30, 25, 30)], [10.1]).max() == 0
    assert seen_from(0, 0, 0.0, [shapely.box(151, -30, 160, 30)], [90.0]).max() == 0
    assert seen_from(0, 0, 0.0, [shapely.box(-5, -5, 5, 5)], [9.0], owner=0).max() == 0


def test_a_very_long_building_is_seen_although_its_middle_is_far_away():
    horizon = seen_from(0, 0, 0.0, [shapely.box(-1000, 30, 20, 40)], [30.0])
    assert horizon[0] == pytest.approx(45.0)


def test_parts_of_a_multipolygon_and_courtyards_count():
    north, south = shapely.box(-2, 20, 2, 22), shapely.box(-2, -22, 2, -20)
    horizon = seen_from(0, 0, 0.0, [shapely.MultiPolygon([north, south])], [20.0])
    assert horizon[[0, 18]] == pytest.approx([45.0, 45.0])
    yard = shapely.Polygon(shapely.box(-50, -50, 50, 50).exterior, [shapely.box(-10, -10, 10, 10).exterior])
    assert seen_from(0, 0, 0.0, [yard], [10.0])[[0, 9]] == pytest.approx([45.0, 45.0])


def test_an_empty_outline_or_an_unknown_height_is_no_obstacle():
    outlines = [shapely.Polygon(), shapely.box(10, -5, 12, 5)]
    assert seen_from(0, 0, 0.0, outlines, [50.0, np.nan]).max() == 0


def test_nobody_there_means_an_open_view():
    assert seen_from(0, 0, 0.0, [], []).shape == (36,)
    assert seen_from(0, 0, 0.0, [], []).max() == 0


def test_turning_the_town_by_30_degrees_turns_the_horizons_by_three_directions():
    outlines, middle, heights = random_town(60, seed=8)
    centre = middle.mean(axis=0)
    angle = np.radians(-30.0)  # clockwise, as azimuths run

    def turned(xy):
        x, y = (xy - centre).T
        return centre + np.column_stack(
            [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)]
        )

    owner = np.arange(60)
    before = horizons_deg(middle, heights, owner, make_obstacles(outlines, heights))
    after = horizons_deg(
        turned(middle), heights, owner, make_obstacles(shapely.transform(outlines, turned), heights)
    )
    assert np.roll(before, 3, axis=1) == pytest.approx(after, abs=1e-4)


def test_the_order_of_buildings_changes_no_bit():
    outlines, middle, heights = random_town(80, seed=9)
    order = np.random.default_rng(1).permutation(80)
    before = horizons_deg(middle, heights, np.arange(80), make_obstacles(outlines, heights))
    after = horizons_deg(
        middle[order], heights[order], np.arange(80), make_obstacles(outlines[order], heights[order])
    )
    assert (before[order] == after).all()
