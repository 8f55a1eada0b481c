// Student's t distribution. The degrees of freedom are above 0 and need not be whole: Welch's test has such.
#pragma once

namespace signalbox::stats {

double student_below(double t, double freedom);               // P(T <= t)
double student_two_sided(double t, double freedom);           // P(|T| >= |t|), however small
double student_quantile(double probability, double freedom);  // probability in (0, 1)

}  // namespace signalbox::stats
