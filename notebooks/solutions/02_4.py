# Exercise 02-4
def repaired_step(gan, n):
    fake = gan.generator(gan.sample_latent(n))  # no detach: the gradient must get through here
    loss = gan.objective.generator_loss(gan.discriminator(fake))
    gan.generator_optimizer.zero_grad()
    loss.backward(inputs=list(gan.generator.parameters()))
    gan.generator_optimizer.step()
