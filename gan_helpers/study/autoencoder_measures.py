"""What a GAN, a VAE and a VAE-GAN are measured by: samples, rebuilt digits, anomalies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Adam

from gan_helpers import data, evaluation
from gan_helpers.networks.paths import spherical_path, straight_path
from gan_helpers.study.autoencoders import kl_to_prior, log_likelihood, make_encoder

LATENT, SIGMA = 16, 0.25
TURNED = (2, 3, 4, 5, 6, 7, 9)  # digits that are none in a mirror


@dataclass
class Trained:
    """What a run leaves: a decoder, and what else its kind has, all in eval mode."""

    decoder: nn.Module
    encoder: nn.Module | None = None
    discriminator: nn.Module | None = None
    seconds: float = 0.0


def split() -> tuple[Tensor, Tensor, Tensor]:
    """Return 3 500 digits to train on, the 1 500 others, and the labels of these."""
    digits = data.mnist()
    order = torch.randperm(5000, generator=torch.Generator().manual_seed(0))
    images, labels = digits.images[order], digits.labels[order]  # type: ignore[index]
    return images[:3500], images[3500:], labels[3500:]


def sharpness(images: Tensor) -> float:
    """Return the mean absolute difference of pixels one above the other, in units of a pixel."""
    return (images[..., 1:, :] - images[..., :-1, :]).abs().mean().item()


def invert(G: nn.Module, x: Tensor, steps: int = 100, rate: float = 0.1) -> Tensor:
    """Search for the z whose image comes nearest to x, by descent from 0; (N, latent_dim).

    Args:
        G: maps z to images; in eval mode, so that images do not depend on each other.
        x: images (N, ...).
        steps: of Adam.
        rate: of Adam.
    """
    z = torch.zeros(len(x), G.latent_dim, device=x.device, requires_grad=True)  # type: ignore[call-overload]
    adam = torch.optim.Adam([z], rate)
    for _ in range(steps):
        squares = (G(z) - x).square().flatten(1).sum(1)  # (N,)
        adam.zero_grad()
        squares.sum().backward(inputs=[z])
        adam.step()
    return z.detach()


def auc(normal: Tensor, anomalous: Tensor) -> float:
    """Return the share of pairs in which the anomaly has the higher score, in [0, 1]."""
    return (anomalous[:, None] > normal).double().mean().item()


def fitted_encoder(decoder: nn.Module, steps: int) -> nn.Sequential:
    """Fit an encoder to a trained generator: it learns to say which z a generated image has."""
    encoder = make_encoder(LATENT)
    adam = Adam(encoder.parameters(), 1e-3, fused=True)
    for _ in range(steps):
        z = torch.randn(64, LATENT)
        with torch.no_grad():
            x = decoder(z)
        loss = (encoder(x)[:, :LATENT] - z).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return encoder


def anomaly_scores(trained: Trained, x: Tensor) -> dict[str, Tensor]:
    """Score how unusual images are, by each way that this kind of model has; higher is stranger."""
    with torch.no_grad():
        found = {}
        if trained.encoder is not None:
            mean, log_variance = trained.encoder(x).chunk(2, dim=1)
            decoded = trained.decoder(mean)
            found["reconstruction"] = (x - decoded).square().flatten(1).sum(1)
            if trained.discriminator is None:
                kl = kl_to_prior(mean, log_variance).sum(1)
                found["bound"] = kl - log_likelihood(x, decoded, SIGMA)
        if trained.discriminator is not None:
            found["score"] = -trained.discriminator(x)
    z = invert(trained.decoder, x)
    with torch.no_grad():
        found["search"] = (x - trained.decoder(z)).square().flatten(1).sum(1)
    return found


def measure_samples(
    images: Tensor, features: Tensor, real: Tensor, training: Tensor, held_out: Tensor
) -> dict[str, float]:
    """Measure images as notebook 06 does, against the held-out digits and their features."""
    classes = evaluation.digit_classifier().predict(images)
    shares = evaluation.class_histogram(classes, 10) / len(images)
    both = evaluation.precision_recall(real, features)
    return {
        "Frechet": evaluation.frechet_distance(features, real),
        "precision": both.precision,
        "recall": both.recall,
        "classes": float((shares > 0.02).sum()),
        "copies": evaluation.memorisation(images[:500], training, held_out[:500]).ratio,
        "sharpness": sharpness(images),
    }


def measure(trained: Trained) -> dict[str, float]:
    """Measure a trained model: samples, reconstruction, what lies half-way, anomalies."""
    training, held_out, labels = split()
    classifier = evaluation.digit_classifier()
    real = classifier.features(held_out)  # (1500, 64)
    with torch.no_grad():
        images = trained.decoder(torch.randn(1500, LATENT))
    found = measure_samples(images, classifier.features(images), real, training, held_out)
    paths: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]]
    paths = {"straight": straight_path, "arc": spherical_path}
    ends, half = torch.randn(1500, 2, LATENT), torch.tensor([0.5])
    for name, path in paths.items():
        with torch.no_grad():
            middle = trained.decoder(torch.cat([path(a, b, half) for a, b in ends]))
        features = classifier.features(middle)
        found[f"half-way, {name}"] = evaluation.precision_recall(real, features).precision
    turned = held_out[torch.isin(labels, torch.tensor(TURNED))]
    animals = data.animals().images
    kinds = {
        "digits": held_out[:150],
        "animals": animals[torch.randperm(len(animals))[:150]],
        "the same digits": turned[150:300],
        "mirrored": turned[:150].flip(-1),
    }
    scores = {kind: anomaly_scores(trained, x) for kind, x in kinds.items()}
    for way, normal in scores["digits"].items():
        if way in ("reconstruction", "search"):
            found[f"RMSE, {way}"] = (normal.mean() / 784).sqrt().item()
        found[f"animals, {way}"] = auc(normal, scores["animals"][way])
        found[f"mirrored, {way}"] = auc(scores["the same digits"][way], scores["mirrored"][way])
    if trained.encoder is None:
        encoder = fitted_encoder(trained.decoder, 1200)
        with torch.no_grad():
            rebuilt = trained.decoder(encoder(held_out)[:, :LATENT])
        found["RMSE, fitted encoder"] = (rebuilt - held_out).square().mean().sqrt().item()
    return found


def measure_real(seed: int) -> dict[str, float]:
    """Measure 1 500 of the training digits against the held-out ones: what is to be hoped for."""
    training, held_out, _ = split()
    classifier = evaluation.digit_classifier()
    order = torch.randperm(3500, generator=torch.Generator().manual_seed(seed))
    images, others = training[order[:1500]], training[order[1500:]]
    features = classifier.features(images), classifier.features(held_out)
    return measure_samples(images, *features, others, held_out)
