# For each line `x m p weight ratio` on standard input: the logarithm of both e-values of sequential.hpp, by numerical integration over the
# prior (uniform over the shares above, or below, the one that is assumed), and by lbeta and pbeta. `p` is the share, `weight` the planned one.
for (line in readLines(file("stdin"))) {
  a <- as.numeric(strsplit(line, " ")[[1]])
  x <- a[1]; m <- a[2]; p <- a[3]; w <- a[4]; k <- a[5]
  q <- k * p / (1 + p * (k - 1)); v <- k * w / (1 + w * (k - 1))
  ratio <- function(s, t) x * log(s / t) + (m - x) * log((1 - s) / (1 - t))
  mixture <- function(t, low, high) {
    best <- min(max(x / m, low + 1e-12), high - 1e-12); top <- ratio(best, t)
    cuts <- unique(pmin(pmax(c(low, best + c(-30, -8, -2, 0, 2, 8, 30) * sqrt(best * (1 - best) / m), high), low), high))
    sum(sapply(seq_len(length(cuts) - 1), function(i) integrate(function(s) exp(ratio(s, t) - top), cuts[i], cuts[i + 1], rel.tol = 1e-9, stop.on.error = FALSE)$value)) -> area
    log(area / (high - low)) + top
  }
  worse <- lbeta(1 + x, 1 + m - x) + pbeta(p, 1 + x, 1 + m - x, lower.tail = FALSE, log.p = TRUE) - log1p(-p) - x * log(p) - (m - x) * log1p(-p)
  fine <- lbeta(1 + x, 1 + m - x) + pbeta(q, 1 + x, 1 + m - x, log.p = TRUE) - log(q) - x * log(q) - (m - x) * log1p(-q)
  off <- abs(log(p / w)); off2 <- abs(log((1 - q) / (1 - v)))
  cat(format(c(mixture(p, p, 1) - off, worse - off, mixture(q, 0, q) - off2, fine - off2), digits = 17, trim = TRUE), "\n")
}
