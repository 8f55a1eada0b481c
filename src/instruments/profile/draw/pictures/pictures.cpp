// Draws folded stacks, for tests in a browser and for the eye:
//   profile_draw_pictures FOLDED OUT.svg|OUT.html [BASE-FOLDED]
// A line "a;b 3" is three samples, in the order of the lines, one each 1.001001 ms.
#include <cstdio>
#include <filesystem>
#include <string>

#include "core/base/file.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/draw/flame_html.hpp"
#include "instruments/profile/draw/flame_svg.hpp"
#include "instruments/profile/draw/testing.hpp"

namespace signalbox::profile {

namespace {

constexpr std::int64_t kPeriod = 1001001;  // ns: 999 Hz

// Each sample at a time of its own, on two threads in turn.
Profile in_time(const Profile& profile) {
  ProfileBuilder builder(profile.value_types);
  Profile& out = builder.profile();
  out = profile;
  out.samples.clear();
  out.values.clear();
  const ThreadId threads[] = {builder.thread({7, 7, builder.string("main"), builder.string("clang-14")}),
                              builder.thread({7, 8, builder.string("worker"), builder.string("clang-14")})};
  std::int64_t time_ns = 0;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    for (std::int64_t n = profile.values_of(i)[0]; n > 0; --n) {
      const std::int64_t values[] = {1, kPeriod};
      builder.append({profile.samples[i].stack, threads[i % 2], 0, time_ns}, values);
      time_ns += kPeriod;
    }
  }
  return std::move(builder).finish();
}

Result<Profile> read(const std::filesystem::path& path) {
  SIGNALBOX_TRY(const std::string text, read_file(path));
  Profile profile = in_time(testing::profile_of_folded(text, kPeriod));
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = kPeriod;
  profile.duration_ns = 9'000'000'000;
  profile.annotations = {{"command", "clang++ -O2 -c ledger.cpp"},
                         {"host", "build-7"},
                         {"git.commit", "4be1f2096ac5d8e07f31"},
                         {"overhead", "0.4 %"},
                         {"lost", "0"}};
  return profile;
}

Status draw(int count, char** words) {
  SIGNALBOX_TRY(const Profile profile, read(words[1]));
  const std::filesystem::path path = words[2];
  const bool is_page = path.extension() == ".html";
  FlameTree tree;
  if (count > 3) {
    SIGNALBOX_TRY(const Profile base, read(words[3]));
    tree = make_flame_difference(base, profile);
  } else {
    tree = make_flame_tree(profile, is_page ? page_options() : FlameOptions{});
  }
  return write_file_atomically(path, is_page ? render_flame_html(tree) : render_flame_svg(tree));
}

}  // namespace

}  // namespace signalbox::profile

int main(int count, char** words) {
  if (count < 3) {
    std::fputs("profile_draw_pictures FOLDED OUT [BASE-FOLDED]\n", stderr);
    return 2;
  }
  const signalbox::Status drawn = signalbox::profile::draw(count, words);
  if (drawn) return 0;
  std::fprintf(stderr, "%s\n", drawn.error().message.c_str());
  return 1;
}
