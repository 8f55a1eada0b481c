#include "core/evidence/edwards25519.hpp"

namespace signalbox::evidence::edwards25519 {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kLimbBits = 51;
constexpr std::uint64_t kLimbMask = (std::uint64_t{1} << kLimbBits) - 1;
constexpr std::uint64_t kFold = 19;  // 2^255 is 19 modulo p
// 2p, so that a difference does not go below zero.
constexpr std::uint64_t kTwiceLowest = 2 * (kLimbMask - (kFold - 1));
constexpr std::uint64_t kTwiceOther = 2 * kLimbMask;
constexpr std::size_t kOctets = 32;
constexpr std::uint8_t kSignBit = 0x80;  // of the last octet of a point: x is odd

constexpr Field number(std::uint64_t value) {
  return {{value, 0, 0, 0, 0}};
}

// What five columns of products come to, tight. With factors below 2^53.5 a column is below 2^113, and the
// last, where nothing was folded, below 2^110: what is carried out of it and folded fits 64 bits.
Field carried(std::array<Wide, 5> column) {
  Field out{};
  for (std::size_t i = 0; i < 4; ++i) {
    column[i + 1] += static_cast<std::uint64_t>(column[i] >> kLimbBits);
    out.limb[i] = static_cast<std::uint64_t>(column[i]) & kLimbMask;
  }
  out.limb[4] = static_cast<std::uint64_t>(column[4]) & kLimbMask;
  out.limb[0] += kFold * static_cast<std::uint64_t>(column[4] >> kLimbBits);
  out.limb[1] += out.limb[0] >> kLimbBits;
  out.limb[0] &= kLimbMask;
  return out;
}

Wide product(std::uint64_t a, std::uint64_t b) {
  return static_cast<Wide>(a) * b;
}

Field squared(Field a, int times) {
  while (times-- > 0) a = square(a);
  return a;
}

// a^(2^250 - 1) and a^11, of which both inverse and square root are made.
struct Powers {
  Field ones, eleventh;
};

Powers powers(const Field& a) {
  const Field a2 = square(a);
  const Field a9 = multiply(a, squared(a2, 2));
  const Field a11 = multiply(a9, a2);
  const Field ones5 = multiply(square(a11), a9);
  const Field ones10 = multiply(squared(ones5, 5), ones5);
  const Field ones20 = multiply(squared(ones10, 10), ones10);
  const Field ones40 = multiply(squared(ones20, 20), ones20);
  const Field ones50 = multiply(squared(ones40, 10), ones10);
  const Field ones100 = multiply(squared(ones50, 50), ones50);
  const Field ones200 = multiply(squared(ones100, 100), ones100);
  return {multiply(squared(ones200, 50), ones50), a11};
}

// a^((p - 5) / 8)
Field eighth_power(const Field& a) {
  return multiply(squared(powers(a).ones, 2), a);
}

Field negated(const Field& a) {
  return multiply(subtract(number(0), a), number(1));
}

// The constants of the curve by their definitions.
struct Curve {
  Field d = multiply(negated(number(121665)), invert(number(121666)));
  Field d2 = multiply(add(d, d), number(1));
  // 2^((p - 1) / 4), a root of -1: (p - 1) / 4 is twice (p - 5) / 8, and one more
  Field root_of_minus_one = multiply(square(eighth_power(number(2))), number(2));
};

const Curve& curve() {
  static const Curve constants;
  return constants;
}

bool is_odd(const Field& a) {
  return (octets_of(a).front() & 1) != 0;
}

// The last steps that all additions share.
Point completed(const Field& e, const Field& f, const Field& g, const Field& h) {
  return {multiply(e, f), multiply(g, h), multiply(f, g), multiply(e, h)};
}

}  // namespace

Field multiply(const Field& x, const Field& y) {
  const auto& a = x.limb;
  const auto& b = y.limb;
  const std::uint64_t b1 = kFold * b[1], b2 = kFold * b[2], b3 = kFold * b[3], b4 = kFold * b[4];
  return carried({
      product(a[0], b[0]) + product(a[1], b4) + product(a[2], b3) + product(a[3], b2) + product(a[4], b1),
      product(a[0], b[1]) + product(a[1], b[0]) + product(a[2], b4) + product(a[3], b3) + product(a[4], b2),
      product(a[0], b[2]) + product(a[1], b[1]) + product(a[2], b[0]) + product(a[3], b4) + product(a[4], b3),
      product(a[0], b[3]) + product(a[1], b[2]) + product(a[2], b[1]) + product(a[3], b[0]) +
          product(a[4], b4),
      product(a[0], b[4]) + product(a[1], b[3]) + product(a[2], b[2]) + product(a[3], b[1]) +
          product(a[4], b[0]),
  });
}

Field square(const Field& x) {
  const auto& a = x.limb;
  const std::uint64_t a0 = 2 * a[0], a1 = 2 * a[1], a3 = kFold * a[3], a4 = kFold * a[4];
  return carried({
      product(a[0], a[0]) + product(a1, a4) + product(2 * a[2], a3),
      product(a0, a[1]) + product(2 * a[2], a4) + product(a[3], a3),
      product(a0, a[2]) + product(a[1], a[1]) + product(2 * a[3], a4),
      product(a0, a[3]) + product(a1, a[2]) + product(a[4], a4),
      product(a0, a[4]) + product(a1, a[3]) + product(a[2], a[2]),
  });
}

Field add(const Field& a, const Field& b) {
  Field out{};
  for (std::size_t i = 0; i < out.limb.size(); ++i) out.limb[i] = a.limb[i] + b.limb[i];
  return out;
}

Field subtract(const Field& a, const Field& b) {
  Field out{{a.limb[0] + kTwiceLowest - b.limb[0]}};
  for (std::size_t i = 1; i < out.limb.size(); ++i) out.limb[i] = a.limb[i] + kTwiceOther - b.limb[i];
  return out;
}

Field invert(const Field& a) {
  const auto [ones, eleventh] = powers(a);
  return multiply(squared(ones, 5), eleventh);  // a^(p - 2)
}

Field of_octets(std::string_view octets) {
  const auto word = [&](std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i)
      out |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(octets[at + i])) << 8 * i;
    return out;
  };
  // Where the limbs begin, in bits: 0, 51, 102, 153, 204.
  return {{word(0) & kLimbMask, word(6) >> 3 & kLimbMask, word(12) >> 6 & kLimbMask,
           word(19) >> 1 & kLimbMask, word(24) >> 12 & kLimbMask}};
}

std::string octets_of(const Field& a) {
  // Below 2^255 + 19, with limbs that are digits.
  Field low = multiply(a, number(1));
  for (std::size_t i = 0; i < 4; ++i) {
    low.limb[i + 1] += low.limb[i] >> kLimbBits;
    low.limb[i] &= kLimbMask;
  }
  // It is p or more when 19 more reach 2^255; then p is taken off, by adding 19 and dropping that bit.
  std::uint64_t carry = kFold;
  for (const std::uint64_t limb : low.limb) carry = (limb + carry) >> kLimbBits;
  low.limb[0] += kFold * carry;
  for (std::size_t i = 0; i < 4; ++i) {
    low.limb[i + 1] += low.limb[i] >> kLimbBits;
    low.limb[i] &= kLimbMask;
  }
  low.limb[4] &= kLimbMask;
  const auto& l = low.limb;
  const std::array<std::uint64_t, 4> words = {l[0] | l[1] << 51, l[1] >> 13 | l[2] << 38,
                                              l[2] >> 26 | l[3] << 25, l[3] >> 39 | l[4] << 12};
  std::string out(kOctets, '\0');
  for (std::size_t i = 0; i < kOctets; ++i) out[i] = static_cast<char>(words[i / 8] >> 8 * (i % 8) & 0xff);
  return out;
}

bool is_same(const Field& a, const Field& b) {
  return octets_of(a) == octets_of(b);
}

Point neutral() {
  return {number(0), number(1), number(1), number(0)};
}

Point base() {
  const std::string octets = octets_of(multiply(number(4), invert(number(5))));  // y = 4/5, x even
  return *point_of(octets);
}

Point negate(const Point& a) {
  return {negated(a.x), a.y, a.z, negated(a.t)};
}

// Hisil, Wong, Carter, Dawson: Twisted Edwards curves revisited (2008), 3.1, for a = -1; holds for all
// points.
Point add(const Point& a, const Point& b) {
  const Field minus = multiply(subtract(a.y, a.x), subtract(b.y, b.x));
  const Field plus = multiply(add(a.y, a.x), add(b.y, b.x));
  const Field c = multiply(multiply(a.t, curve().d2), b.t);
  const Field zz = multiply(a.z, b.z);
  const Field d = add(zz, zz);
  return completed(subtract(plus, minus), subtract(d, c), add(d, c), add(plus, minus));
}

// The same, 3.3.
Point double_of(const Point& a) {
  const Field xx = square(a.x), yy = square(a.y), zz = square(a.z);
  const Field h = add(xx, yy);
  const Field e = subtract(h, square(add(a.x, a.y)));
  const Field g = subtract(xx, yy);
  return completed(e, add(add(zz, zz), g), g, h);
}

bool is_neutral(const Point& a) {
  return is_same(a.x, number(0)) && is_same(a.y, a.z);
}

std::string octets_of(const Point& a) {
  const Field inverse = invert(a.z);
  std::string out = octets_of(multiply(a.y, inverse));
  if (is_odd(multiply(a.x, inverse)))
    out.back() = static_cast<char>(static_cast<std::uint8_t>(out.back()) | kSignBit);
  return out;
}

std::optional<Point> point_of(std::string_view octets) {
  if (octets.size() != kOctets) return std::nullopt;
  const Field y = of_octets(octets);
  // x² = (y² - 1) / (d y² + 1) = u / v; a root of it, if there is one, is u v³ (u v⁷)^((p - 5) / 8), or that
  // times a root of -1.
  const Field yy = square(y);
  const Field u = multiply(subtract(yy, number(1)), number(1));
  const Field v = multiply(add(multiply(curve().d, yy), number(1)), number(1));
  const Field v3 = multiply(square(v), v);
  Field x = multiply(multiply(u, v3), eighth_power(multiply(u, multiply(square(v3), v))));
  const Field vxx = multiply(v, square(x));
  if (!is_same(vxx, u)) {
    if (!is_same(vxx, negated(u))) return std::nullopt;
    x = multiply(x, curve().root_of_minus_one);
  }
  if (is_odd(x) != ((static_cast<std::uint8_t>(octets.back()) & kSignBit) != 0)) x = negated(x);
  const Point out{x, y, number(1), multiply(x, y)};
  if (octets_of(out) != octets) return std::nullopt;
  return out;
}

Multiples::Multiples(const Point& point) {
  std::vector<Point> points;
  points.reserve(kDigits * kEntriesPerDigit);
  Point first = point;
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    points.push_back(first);
    while (points.size() % kEntriesPerDigit != 0) points.push_back(edwards25519::add(points.back(), first));
    first = double_of(points.back());
  }
  // One inversion for all: each is the inverse of the product up to it, times the product before it.
  std::vector<Field> product{points.front().z};
  product.reserve(points.size());
  for (std::size_t i = 1; i < points.size(); ++i) product.push_back(multiply(product.back(), points[i].z));
  Field inverse_of_product = invert(product.back());
  entries_.resize(points.size());
  for (std::size_t i = points.size(); i-- > 0;) {
    const Field inverse = i > 0 ? multiply(inverse_of_product, product[i - 1]) : inverse_of_product;
    inverse_of_product = multiply(inverse_of_product, points[i].z);
    const Field x = multiply(points[i].x, inverse), y = multiply(points[i].y, inverse);
    entries_[i] = {edwards25519::add(y, x), subtract(y, x), multiply(multiply(x, y), curve().d2)};
  }
}

// As the sum of two points above, with 1 for the other's Z.
Point Multiples::add(const Point& a, const Entry& b, bool is_negative) {
  const Field minus = multiply(subtract(a.y, a.x), is_negative ? b.y_plus_x : b.y_minus_x);
  const Field plus = multiply(edwards25519::add(a.y, a.x), is_negative ? b.y_minus_x : b.y_plus_x);
  const Field c = multiply(a.t, b.xy2d);
  const Field d = edwards25519::add(a.z, a.z);
  const Field less = subtract(d, c), more = edwards25519::add(d, c);
  return completed(subtract(plus, minus), is_negative ? more : less, is_negative ? less : more,
                   edwards25519::add(plus, minus));
}

Point Multiples::add_to(Point to, std::string_view scalar) const {
  int carry = 0;
  for (std::size_t i = 0; i < kDigits; ++i) {
    // An octet above 128 is counted from the next 256 down.
    int digit = static_cast<std::uint8_t>(scalar[i]) + carry;
    carry = digit > static_cast<int>(kEntriesPerDigit) ? 1 : 0;
    digit -= carry * 256;
    if (digit == 0) continue;
    const auto multiple = static_cast<std::size_t>(digit < 0 ? -digit : digit);
    to = add(to, entries_[i * kEntriesPerDigit + multiple - 1], digit < 0);
  }
  return to;
}

}  // namespace signalbox::evidence::edwards25519
