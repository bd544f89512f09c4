"""Paths as films, without a browser: GIFs of what the generator made, and the play button."""

from __future__ import annotations

import base64
import io
import itertools
import re
import threading

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from gan_helpers import cache_dir, data, networks, widgets
from gan_helpers.plotting.tiles import to_bytes
from gan_helpers.widgets import film, path_player
from gan_helpers.widgets.film import download_link, enlarged, gif, save_gif
from gan_helpers.widgets.path_player import there_and_back

WAIT = 20  # seconds, for what takes milliseconds


def explorer_of(shape=(1, 7, 7), images=None, **more):
    torch.manual_seed(0)
    generator = networks.MLPGenerator(3, shape, (16,), tanh=len(shape) == 3)
    return widgets.LatentExplorer(generator, images, **more)


def decoded(film_):
    """Return a GIF's frames as bytes (N, H, W, 3), their seconds, and how often it is repeated."""
    picture = Image.open(io.BytesIO(film_))
    frames, seconds = [], []
    for frame in ImageSequence.Iterator(picture):
        frames.append(np.asarray(frame.convert("RGB")))
        seconds.append(frame.info["duration"] / 1000)
    return np.stack(frames), seconds, picture.info.get("loop")


def coloured(count, side=20):
    """Return pictures of few colours, of which each differs from the one before."""
    frames = np.full((count, side, side, 3), 255, np.uint8)
    for i, frame in enumerate(frames):
        frame[i % side, :] = [200, 30, 60]
        frame[:, (3 * i) % side] = [20, 90, 220]
    return list(frames)


def grey(count, side=16):
    """Return pictures with all 256 shades."""
    ramp = np.arange(side * side, dtype=np.uint8).reshape(side, side, 1)
    return [np.repeat(np.roll(ramp, i, axis=0), 3, axis=2) for i in range(count)]


# The file ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [coloured, grey])
def test_a_film_holds_its_pictures_its_time_and_repeats(make):
    pictures = make(13)
    frames, seconds, loop = decoded(gif(pictures, 2.0))
    assert np.array_equal(frames, np.stack(pictures))
    assert loop == 0  # for ever
    assert sum(seconds) == pytest.approx(2.0)
    assert set(np.round(seconds, 2)) == {0.15, 0.16}  # 2 / 13, in hundredths


def test_more_colours_than_a_palette_holds_are_near_what_they_were():
    x, y = np.meshgrid(*2 * [np.linspace(0, 255, 60)])
    pictures = [
        np.stack([x, y, np.full_like(x, 25 * i)], axis=2).astype(np.uint8) for i in range(9)
    ]
    frames, _, _ = decoded(gif(pictures))
    assert np.abs(frames.astype(int) - np.stack(pictures)).mean() < 10


def test_what_stands_still_in_a_film_of_many_colours_does_not_flicker():
    rng = np.random.default_rng(0)
    still = rng.integers(0, 255, (30, 60, 3)).astype(np.uint8)
    moving = rng.integers(0, 255, (8, 30, 60, 3)).astype(np.uint8)
    frames, _, _ = decoded(gif([np.concatenate([still, each]) for each in moving]))
    assert (frames[:, :30] == frames[0, :30]).all()


def test_a_picture_that_stays_keeps_its_time():
    one, other = coloured(2)
    frames, seconds, _ = decoded(gif([one, one, one, other], 1.0))
    assert np.array_equal(frames, [one, other])
    assert seconds == [0.75, 0.25]


def test_images_are_enlarged_by_a_whole_factor_with_sharp_pixels():
    images = torch.rand(2, 1, 28, 20) * 2 - 1
    pictures = enlarged(images)
    assert [each.shape for each in pictures] == 2 * [(224, 160, 3)]
    assert np.array_equal(np.stack(pictures)[:, 3::8, 5::8], to_bytes(images))
    assert enlarged(torch.zeros(1, 3, 300, 8))[0].shape == (300, 8, 3)


def test_a_film_never_takes_the_place_of_another(tmp_path):
    one, other = gif(coloured(3)), gif(grey(3))
    places = [save_gif(frames(3), tmp_path / "new" / "walk.gif") for frames in (coloured, grey)]
    places.append(save_gif(grey(3), str(tmp_path / "new" / "walk.gif")))
    assert [place.name for place in places] == ["walk.gif", "walk-2.gif", "walk-3.gif"]
    assert [place.read_bytes() for place in places] == [one, other, other]
    assert len(list((tmp_path / "new").iterdir())) == 3  # no scratch file


@pytest.mark.parametrize(
    ("frames", "options", "error", "words"),
    [
        ([], {}, ValueError, "there are 0 pictures; a film needs at least 2"),
        (coloured(1), {}, ValueError, "there are 1 pictures"),
        ([torch.zeros(8, 8, 3)] * 2, {}, TypeError, r"picture 0 is Tensor; .* enlarged\(images\)"),
        ([np.zeros((8, 8, 3))] * 2, {}, TypeError, "picture 0 is float64; .* uint8 arrays"),
        ([*coloured(2), grey(1)[0]], {}, ValueError, r"\(16, 16, 3\), \(20, 20, 3\); .* have one"),
        ([np.zeros((8, 8), np.uint8)] * 2, {}, ValueError, r"shapes \(8, 8\); .*\(H, W, 3\)"),
        ([np.zeros((0, 8, 3), np.uint8)] * 2, {}, ValueError, r"shapes \(0, 8, 3\)"),
        (coloured(10), {"seconds": 0.1}, ValueError, "seconds is 0.1; 10 .* 0.2 to 600 s"),
        (coloured(10), {"seconds": -1}, ValueError, "seconds is -1; .* take fewer pictures"),
        (coloured(10), {"seconds": 601.0}, ValueError, "seconds is 601.0; .* change seconds"),
        (coloured(10), {"seconds": float("nan")}, ValueError, "seconds is nan"),
    ],
)  # fmt: skip
def test_what_is_no_film_is_refused_and_nothing_is_written(frames, options, error, words, tmp_path):
    with pytest.raises(error, match=words):
        gif(frames, **options)
    with pytest.raises(error, match=words):
        save_gif(frames, tmp_path / "film.gif", **options)
    assert list(tmp_path.iterdir()) == []


def test_names_and_images_that_no_film_can_have_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ends in 'film.png'; .* must end in \.gif"):
        save_gif(coloured(2), tmp_path / "film.png")
    with pytest.raises(ValueError, match=r"images have shape \(2, 5, 8, 8\)"):
        enlarged(torch.zeros(2, 5, 8, 8))
    for count in (1, 2.0, True):
        with pytest.raises(ValueError, match=rf"count is {count}; it must be an integer >= 2"):
            explorer_of().frames(count)


# The explorer's film -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["straight", "spherical"])
def test_the_explorers_film_goes_from_one_end_of_the_path_to_the_other(kind, tmp_path):
    explorer = explorer_of()
    explorer.path.value = kind
    with torch.no_grad():
        ends = to_bytes(explorer.space.net(explorer.space.ends))
        halfway = to_bytes(explorer.space.net(explorer.space.along([0.5])))[0]
    frames, seconds, loop = decoded(explorer.save_gif(tmp_path / "film.gif", 2.0).read_bytes())
    assert (len(frames), sum(seconds), loop) == (49, pytest.approx(2.0), 0)
    assert frames.shape[1:] == (224, 224, 3)  # 32 times 7
    for frame, image in ((frames[0], ends[0]), (frames[24], halfway), (frames[-1], ends[1])):
        assert np.array_equal(frame[16::32, 16::32], image)
    assert not np.array_equal(ends[0], ends[1])


@pytest.mark.parametrize("shape", [(2,), (1,)])
def test_a_film_of_points_is_the_explorers_picture(shape):
    law = data.ring() if shape == (2,) else data.mixture_1d([0.0], 1.0, [1.0])
    explorer = explorer_of(shape, law)
    frames = explorer.frames(5)
    for t in (0.25, 1.0):
        explorer.t.value = t
        assert np.array_equal(frames[round(4 * t)], explorer.space.picture())
    assert not np.array_equal(frames[0], frames[-1])
    first = decoded(gif(frames))[0][0].astype(int)
    assert np.abs(first - frames[0]).mean() < 1  # white paper among others
    assert np.abs(first - frames[0]).max() < 40


def test_save_gif_says_where_the_film_is_and_links_to_it(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path))
    explorer = explorer_of()
    explorer.gif_button.click()
    explorer.gif_button.click()
    assert explorer.status.value == ""
    films = sorted(each.name for each in (cache_dir() / "films").iterdir())
    assert films == ["film-2.gif", "film.gif"]
    said = explorer.saved.value
    assert said.startswith("Saved film-2.gif in gan_helpers.cache_dir() / 'films' (")
    assert str(tmp_path) not in said
    href = re.search(r'<a download="film-2\.gif" href="data:image/gif;base64,([^"]+)"', said)[1]
    assert base64.b64decode(href) == (tmp_path / "films" / "film-2.gif").read_bytes()


def test_a_large_film_is_saved_without_a_link(monkeypatch, tmp_path):
    monkeypatch.setattr(film, "LINKED", 100)
    explorer = explorer_of()
    explorer.save_gif(tmp_path / "<b>.gif")
    assert re.fullmatch(r"Saved &lt;b&gt;\.gif \(\d\.\d MB\)\. ", explorer.saved.value)
    assert download_link(bytes(100), 'a"b.gif').startswith('<a download="a&quot;b.gif"')


def test_a_film_that_cannot_be_saved_says_why(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path / "file"))
    explorer = explorer_of()
    explorer.gif_button.click()
    assert "NotADirectoryError" in explorer.status.value
    assert explorer.saved.value == ""


def test_a_film_leaves_explorer_generator_and_random_state_alone():
    explorer = explorer_of()
    before, z = torch.get_rng_state(), explorer.space.z.clone()
    picture, shown = explorer.space.picture(), explorer.image.value
    explorer.frames()
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(explorer.space.z, z)
    assert np.array_equal(explorer.space.picture(), picture)
    assert explorer.image.value == shown


# Playing -------------------------------------------------------------------------------------


class Clock:
    """Time that passes only where somebody sleeps or draws."""

    def __init__(self):
        self.now, self.slept = 100.0, []

    def perf_counter(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(path_player, "time", clock)
    return clock


def test_a_path_is_played_there_and_back_smoothly_and_ends_where_it_began(clock):
    for start in (0.0, 0.3, 1.0):
        places = list(there_and_back(start))
        steps = np.abs(np.diff(places))
        assert [places[0], places[-1]] == pytest.approx([start, start])
        assert (min(places), max(places)) == (
            pytest.approx(0, abs=0.02),
            pytest.approx(1, abs=0.02),
        )
        assert max(steps) <= path_player.INTERVAL / path_player.LEG + 1e-9
        turns = np.diff(np.sign(np.diff(places)))
        assert np.count_nonzero(turns) == pytest.approx(2 * path_player.ROUNDS, abs=1)
    ahead = itertools.islice(there_and_back(0.3), 2)
    assert next(ahead) < next(ahead)


def test_a_slow_machine_leaves_places_out_and_half_of_the_time_to_others(clock):
    began = clock.now
    shown = 0
    for _ in there_and_back(0.0):
        shown += 1
        clock.now += 0.2
    assert clock.now - began == pytest.approx(2 * path_player.ROUNDS * path_player.LEG, abs=0.7)
    assert shown - 2 < (clock.now - began) / 0.39
    assert sum(clock.slept) == pytest.approx((clock.now - began) / 2, rel=0.05)


def seen(explorer):
    """Return a semaphore that is released for each picture shown."""
    shown = threading.Semaphore(0)
    explorer.image.observe(lambda _: shown.release(), names="value")
    return shown


@pytest.fixture(autouse=True)
def no_film_goes_on():
    yield
    left = [thread for thread in threading.enumerate() if thread.name == "gan-board"]
    assert not [thread for thread in left if thread.join(5) or thread.is_alive()]


def test_the_button_plays_the_path_with_the_nearest_image_and_pauses():
    images = torch.rand(40, 1, 7, 7) * 2 - 1
    explorer = explorer_of(images=images)
    compared = []
    nearest = explorer.space.scene.nearest
    explorer.space.scene.nearest = lambda sample: compared.append(sample) or nearest(sample)
    shown, places = seen(explorer), []
    explorer.t.observe(lambda change: places.append(change["new"]), names="value")
    assert (explorer.player.button.description, explorer.player.playing) == ("Play path", False)
    explorer.player.button.click()
    for _ in range(3):
        assert shown.acquire(timeout=WAIT)
    assert explorer.player.playing
    assert explorer.player.button.description == "Pause path"
    explorer.player.button.click()
    assert not explorer.player.playing
    assert explorer.player.button.description == "Play path"
    assert places == sorted(places)
    assert 0 < places[0] < 0.5
    assert len(compared) >= 3
    assert explorer.t.value == places[-1] == pytest.approx(explorer.space.t, abs=0.0051)
    stand = [slider.value for slider in explorer.sliders]
    assert stand == pytest.approx(explorer.space.coordinates(), abs=0.0051)
    assert explorer.status.value == ""


def test_sliders_send_nothing_back_while_a_film_moves_them():
    """The page rounds a value to the slider's grid, and sends what it got to the kernel."""
    explorer = explorer_of()
    every = [*explorer.sliders, explorer.t]
    assert all(slider.continuous_update for slider in every)
    shown = seen(explorer)
    explorer.player.play()
    assert shown.acquire(timeout=WAIT)
    assert not any(slider.continuous_update for slider in every)
    explorer.player.pause()
    assert all(slider.continuous_update for slider in every)


def test_a_value_that_comes_back_from_the_page_rounded_is_no_move():
    explorer = explorer_of(latent_distribution=torch.rand)  # its reach is no whole number
    explorer.t.value = 0.57
    place, z = explorer.space.t, explorer.space.z.clone()
    for slider in (*explorer.sliders, explorer.t):
        on_grid = slider.min + round((slider.value - slider.min) / slider.step) * slider.step
        assert slider.value == pytest.approx(on_grid, abs=1e-9)
        slider.value += 1e-9
    assert explorer.space.t == place
    assert torch.equal(explorer.space.z, z)
    explorer.sliders[0].value += 0.01
    assert explorer.space.t is None


@pytest.mark.parametrize("act", ["direction", "t", "shuffle"])
def test_whoever_moves_a_slider_takes_over_from_the_film(act):
    explorer = explorer_of()
    shown = seen(explorer)
    explorer.player.play()
    assert shown.acquire(timeout=WAIT)
    if act == "direction":
        explorer.sliders[0].value = -1.25 * explorer.space.reach / 3
        assert explorer.space.coordinates()[0] == pytest.approx(explorer.sliders[0].value, abs=1e-5)
    elif act == "t":
        explorer.t.value = 0.875
        assert explorer.space.t == 0.875
    else:
        explorer.shuffle_button.click()
        assert explorer.space.t is None
    assert not explorer.player.playing
    stands = explorer.image.value
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(stands))),
        np.asarray(Image.open(io.BytesIO(widgets.explorer.encode_fast(explorer.space.picture())))),
    )


def test_another_path_is_played_on_and_a_film_can_be_saved_meanwhile(tmp_path):
    explorer = explorer_of()
    shown, ends = seen(explorer), explorer.space.ends.clone()
    explorer.player.play()
    explorer.player.play()  # once is enough
    assert shown.acquire(timeout=WAIT)
    explorer.ends_button.click()
    explorer.path.value = "spherical"
    assert explorer.space.kind == "spherical"
    explorer.save_gif(tmp_path / "film.gif")
    while shown.acquire(blocking=False):
        pass
    assert shown.acquire(timeout=WAIT)
    assert explorer.player.playing
    explorer.player.pause()
    assert not torch.equal(explorer.space.ends, ends)
    assert explorer.status.value == ""


def test_a_film_ends_by_itself_and_shows_what_ended_it(monkeypatch):
    explorer = explorer_of()
    shown = seen(explorer)
    monkeypatch.setattr(path_player, "LEG", 0.01)
    explorer.player.play()
    assert explorer.player._runner.wait(WAIT)
    assert shown.acquire(blocking=False)
    assert (explorer.player.button.description, explorer.t.value) == ("Play path", 0)
    explorer.space.along = lambda _: 1 / 0
    explorer.player.play()
    assert explorer.player._runner.wait(WAIT)
    assert "division by zero" in explorer.status.value
    assert explorer.player.button.description == "Play path"


def test_a_film_shows_the_weights_that_a_board_has_just_trained():
    from gan_helpers import GAN, NON_SATURATING, train

    torch.manual_seed(0)
    players = networks.MLPGenerator(3, (2,), (8,)), networks.MLPDiscriminator((2,), (8,))
    adams = (torch.optim.Adam(player.parameters(), 1e-2) for player in players)
    gan = GAN(*players, NON_SATURATING, *adams, latent_dim=3)
    board = widgets.LiveBoard(gan, data.ring())
    explorer = widgets.LatentExplorer(gan.generator, data.ring(), board=board)
    before = explorer.frames(2)
    board.start(train(gan, data.batches(data.ring(), 8), 20))
    explorer.player.play()
    board.wait(60)
    explorer.player.pause()
    assert explorer.status.value == ""
    board.start(train(gan, data.batches(data.ring(), 8), 5))  # nobody looks meanwhile
    board.wait(60)
    after = explorer.frames(2)
    assert not np.array_equal(before[0], after[0])
    weights = zip(explorer.space.net.parameters(), gan.generator.parameters(), strict=True)
    assert all(torch.equal(mine, its) for mine, its in weights)
    assert explorer.status.value == ""
