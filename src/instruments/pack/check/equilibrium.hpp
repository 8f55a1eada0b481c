// Whether a pile can stand at all: forces between things, none pulling, under which nothing moves or turns.
#pragma once

#include <cstdint>
#include <vector>

namespace signalbox::pack {

// A thing that does not stand on the floor; its weight acts in the middle of its underside, which is 1 by 1.
struct Body {
  double weight = 0;
};

// A place at which `upper` rests on `lower`, told in the sides of each: 0 to 1 along length and width.
struct Touch {
  static constexpr std::size_t kFloor = SIZE_MAX;  // a thing on the floor, which holds whatever it is given
  std::size_t upper = 0;
  double upper_x = 0;
  double upper_y = 0;
  std::size_t lower = kFloor;
  double lower_x = 0;
  double lower_y = 0;
};

// Forces that are not negative, one a touch, so that for each body those from below are its weight and those
// from above, and their moments about its edges too: a linear programme, its first phase (Dantzig's simplex,
// with Bland's rule where it stalls).
bool can_balance(const std::vector<Body>& bodies, const std::vector<Touch>& touches);

}  // namespace signalbox::pack
