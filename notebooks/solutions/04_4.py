# Exercise 04-4
def broken_step(critic, optimizer, real, fake, c):
    loss = critic(fake).mean() - critic(real).mean()  # minimised: reals up, fakes down
    optimizer.zero_grad()  # or the last step's gradient is added
    loss.backward()
    optimizer.step()
    clip(critic, c)  # last, so that the weights end inside [-c, c]


step_repaired = broken_step
