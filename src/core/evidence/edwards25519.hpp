// The curve of Ed25519 (RFC 8032, 5.1): its field, its group, and multiples of a point that is known before.
// The time that these take depends on what they are given: for what is public, never for a secret.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::evidence::edwards25519 {

// An element of the integers modulo p = 2^255 - 19: the sum of limb[i] * 2^(51 i), which may be p and more.
// Results of `multiply`, `square` and `of_octets` have limbs below 2^51 + 2^12 ("tight"); sums and
// differences of two of them may be multiplied, and so may such a difference added to a doubled one: limbs
// below 2^53.5.
struct Field {
  std::array<std::uint64_t, 5> limb;
};

Field multiply(const Field& a, const Field& b);
Field square(const Field& a);
Field add(const Field& a, const Field& b);
Field subtract(const Field& a, const Field& b);  // b: tight
Field invert(const Field& a);                    // of 0: 0

// 32 octets, little-endian; the highest bit is not looked at.
Field of_octets(std::string_view octets);
// The one spelling below p.
std::string octets_of(const Field& a);
bool is_same(const Field& a, const Field& b);

// A point of -x² + y² = 1 + d x² y² in extended coordinates: x = X/Z, y = Y/Z, x y = T/Z.
struct Point {
  Field x, y, z, t;
};

Point neutral();
Point base();  // B of RFC 8032
Point negate(const Point& a);
Point add(const Point& a, const Point& b);
Point double_of(const Point& a);
bool is_neutral(const Point& a);

// RFC 8032, 5.1.2 and 5.1.3. Absent: no point has these octets, or it has another spelling.
std::string octets_of(const Point& a);
std::optional<Point> point_of(std::string_view octets);

// What multiples of one point need: for each octet of a scalar, 1 to 128 times what it stands for. 480 KiB,
// made in about the time of thirty multiples without it.
class Multiples {
 public:
  explicit Multiples(const Point& point);

  // `to` and the point `scalar` times; `scalar`: 32 octets, little-endian, below 2^253.
  Point add_to(Point to, std::string_view scalar) const;

 private:
  // Affine, and as an addition uses it.
  struct Entry {
    Field y_plus_x, y_minus_x, xy2d;
  };
  static constexpr std::size_t kDigits = 32;
  static constexpr std::size_t kEntriesPerDigit = 128;

  static Point add(const Point& a, const Entry& b, bool is_negative);

  std::vector<Entry> entries_;  // [digit * kEntriesPerDigit + multiple - 1]
};

}  // namespace signalbox::evidence::edwards25519
