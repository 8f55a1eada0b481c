#include "instruments/pack/check/equilibrium.hpp"

#include <cmath>

namespace signalbox::pack {
namespace {

constexpr double kZero = 1e-11;
constexpr double kBalanced = 1e-9;  // of the weight in all

// Rows of a x = b with b not negative, an artificial variable in each; the sum of these is made least.
class Tableau {
 public:
  Tableau(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), cells_((rows + 1) * (columns + 1), 0), basis_(rows, SIZE_MAX) {}

  double& at(std::size_t row, std::size_t column) { return cells_[row * (columns_ + 1) + column]; }
  double& right(std::size_t row) { return at(row, columns_); }

  double least_sum() {
    // The last row: what the sum falls by for a unit of each column.
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t column = 0; column <= columns_; ++column) at(rows_, column) += at(row, column);
    const std::size_t patient = 20 * (rows_ + columns_);
    for (std::size_t step = 0; step < 2 * patient; ++step) {
      const std::size_t column = entering(step < patient);
      if (column == columns_) break;
      const std::size_t row = leaving(column);
      if (row == rows_) break;
      pivot(row, column);
    }
    return at(rows_, columns_);
  }

 private:
  std::size_t entering(bool steepest) {
    std::size_t best = columns_;
    double value = kZero;
    for (std::size_t column = 0; column < columns_; ++column) {
      if (at(rows_, column) <= value) continue;
      best = column;
      if (!steepest) return best;
      value = at(rows_, column);
    }
    return best;
  }
  std::size_t leaving(std::size_t column) {
    std::size_t best = rows_;
    double least = 0;
    for (std::size_t row = 0; row < rows_; ++row) {
      if (at(row, column) <= kZero) continue;
      const double ratio = right(row) / at(row, column);
      if (best != rows_ && (ratio > least || (ratio == least && basis_[row] >= basis_[best]))) continue;
      best = row;
      least = ratio;
    }
    return best;
  }
  void pivot(std::size_t row, std::size_t column) {
    const double by = at(row, column);
    for (std::size_t i = 0; i <= columns_; ++i) at(row, i) /= by;
    for (std::size_t other = 0; other <= rows_; ++other) {
      const double times = at(other, column);
      if (other == row || times == 0) continue;
      for (std::size_t i = 0; i <= columns_; ++i) at(other, i) -= times * at(row, i);
    }
    basis_[row] = column;
  }

  std::size_t rows_;
  std::size_t columns_;
  std::vector<double> cells_;
  std::vector<std::size_t> basis_;
};

}  // namespace

bool can_balance(const std::vector<Body>& bodies, const std::vector<Touch>& touches) {
  if (bodies.empty()) return true;
  double all = 0;
  for (const Body& body : bodies) all += body.weight;
  if (all <= 0) return true;
  Tableau tableau(3 * bodies.size(), touches.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const double weight = bodies[i].weight / all;
    tableau.right(3 * i) = weight;
    tableau.right(3 * i + 1) = tableau.right(3 * i + 2) = weight / 2;
  }
  for (std::size_t k = 0; k < touches.size(); ++k) {
    const Touch& touch = touches[k];
    tableau.at(3 * touch.upper, k) += 1;
    tableau.at(3 * touch.upper + 1, k) += touch.upper_x;
    tableau.at(3 * touch.upper + 2, k) += touch.upper_y;
    if (touch.lower == Touch::kFloor) continue;
    tableau.at(3 * touch.lower, k) -= 1;
    tableau.at(3 * touch.lower + 1, k) -= touch.lower_x;
    tableau.at(3 * touch.lower + 2, k) -= touch.lower_y;
  }
  return tableau.least_sum() <= kBalanced;
}

}  // namespace signalbox::pack
