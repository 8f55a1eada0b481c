# R's answers to questions on standard input, one a line: a word, then numbers; samples are lists with commas. One line out for each.
numbers <- function(text) as.numeric(strsplit(text, ",", fixed = TRUE)[[1]])
answer <- function(word, a) {
  one <- function(i) as.numeric(a[[i]])
  switch(word,
    lbeta = lbeta(one(1), one(2)),
    below = pbeta(one(1), one(2), one(3), log.p = TRUE),
    above = pbeta(one(1), one(2), one(3), lower.tail = FALSE, log.p = TRUE),
    normal = c(pnorm(one(1)), qnorm(pnorm(one(1)))),
    quantile = unname(quantile(numbers(a[[2]]), one(1), type = 7)),
    wilson = prop.test(one(1), one(2), conf.level = one(3), correct = FALSE)$conf.int[1:2],
    student = c(pt(one(1), one(2)), 2 * pt(-abs(one(1)), one(2))),
    studentq = qt(one(1), one(2)),
    welch = {
      t <- t.test(numbers(a[[2]]), numbers(a[[3]]), conf.level = one(1))
      c(unname(t$statistic), unname(t$parameter), t$p.value, t$conf.int[1:2])
    },
    prop = prop.test(c(one(1), one(3)), c(one(2), one(4)), correct = FALSE)$p.value,
    adjust = p.adjust(numbers(a[[1]]), "BH"),
    clopper = binom.test(one(1), one(2), conf.level = one(3))$conf.int[1:2],
    wilcox = {
      x <- numbers(a[[2]])
      y <- numbers(a[[3]])
      t <- wilcox.test(x, y, exact = FALSE, conf.int = TRUE, conf.level = one(1), tol.root = 1e-10)
      # W, p, the interval, R's estimate, and the two middle differences between which it may lie
      d <- sort(outer(x, y, "-"))
      c(unname(t$statistic), t$p.value, t$conf.int[1:2], unname(t$estimate), d[floor((length(d) + 1) / 2)], d[ceiling((length(d) + 1) / 2)])
    })
}
for (line in readLines(file("stdin"))) {
  words <- strsplit(line, " ", fixed = TRUE)[[1]]
  cat(format(suppressWarnings(answer(words[1], as.list(words[-1]))), digits = 17, trim = TRUE, scientific = TRUE), "\n")
}
