// The Beta distribution and the normal one, in logarithms where a tail may be smaller than any double.
#pragma once

namespace signalbox::stats {

// log B(a, b), a and b above 0.
double log_beta(double a, double b);

// The logarithm of the regularised incomplete beta function I_x(a, b), which is the chance that a variable
// with distribution Beta(a, b) is at most x; and of 1 - I_x(a, b). a and b above 0, x in [0, 1]. -infinity
// where the chance is 0; tails down to e^-10^6 and beyond keep about nine digits (DLMF 8.17.22).
double log_beta_below(double x, double a, double b);
double log_beta_above(double x, double a, double b);

double normal_below(double z);               // Φ(z)
double normal_quantile(double probability);  // Φ⁻¹, probability in (0, 1)

}  // namespace signalbox::stats
