#include "instruments/profile/live/top_view.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

constexpr TerminalSize kUsual{24, 100};

Key text(std::string_view character) {
  return {Key::Kind::text, std::string(character)};
}
Key key(Key::Kind kind) {
  return {kind, {}};
}

// A view of 60 samples of parse, 30 of print and 10 of main itself, which calls both.
class TopViews : public ::testing::Test {
 protected:
  TopViews()
      : profile_(fixture::StackWriter()
                     .add("main@app;parse@app", 40)
                     .add("main@app;run@app;parse@app", 20)
                     .add("main@app;print@libio.so", 30)
                     .add("main@app", 10)
                     .finish()) {
    show();
  }
  void show() {
    Interval interval;
    interval.number = 1;
    interval.elapsed_ns = 3'000'000'000;
    interval.duration_ns = 1'000'000'000;
    interval.samples = 100;
    interval.cpu_ns = 1'000'000'000;
    interval.top = top(profile_, {1, TopBy::function, TopOrder::self});
    view_.show(interval, profile_);
  }
  // What is seen, without the marks for bold and reversed.
  std::vector<std::string> lines(TerminalSize size = kUsual) const {
    std::vector<std::string> out;
    for (std::string line : view_.draw(size)) {
      for (const char* mark : {"\x1b[1m", "\x1b[7m", "\x1b[0m"}) {
        for (std::size_t at = line.find(mark); at != std::string::npos; at = line.find(mark))
          line.erase(at, 4);
      }
      out.push_back(line);
    }
    return out;
  }
  // The function in row `row` of the table, from 0 on.
  std::string function(std::size_t row) const {
    const auto all = lines();
    if (all.size() <= 4 + row) return {};
    const auto words = split(all[4 + row], ' ');
    return std::string(words[words.size() - 3]);
  }
  void type(std::string_view characters) {
    for (const char each : characters) view_.press(text(std::string_view(&each, 1)));
  }

  Profile profile_;
  TopView view_{"app (7)", TopOrder::self};
};

TEST_F(TopViews, ShowsFunctionsByWhatTheyTake) {
  EXPECT_EQ(function(0), "parse");
  EXPECT_EQ(function(1), "print");
  EXPECT_EQ(function(2), "main");
  const auto all = lines();
  EXPECT_NE(all[0].find("app (7), 3 s"), std::string::npos) << all[0];
  EXPECT_NE(all[1].find("processor 100 %, 100 samples, 0 lost"), std::string::npos) << all[1];
  EXPECT_NE(all[4].find("60.0 %"), std::string::npos) << all[4];
  EXPECT_NE(all[5].find("[libio.so]"), std::string::npos) << all[5];
}

TEST_F(TopViews, SpaceOrdersByTheOtherCost) {
  type(" ");
  EXPECT_EQ(function(0), "main");
  type(" ");
  EXPECT_EQ(function(0), "parse");
}

TEST_F(TopViews, AFilterLeavesWhatMatches) {
  type("/^p.*t$");
  EXPECT_EQ(function(0), "print");
  EXPECT_EQ(function(1), "");
  view_.press(key(Key::Kind::enter));
  EXPECT_NE(lines()[2].find("(^p.*t$)"), std::string::npos) << lines()[2];
  show();  // also of the next interval
  EXPECT_EQ(function(0), "print");
  type("/");
  view_.press(key(Key::Kind::erase));
  view_.press(key(Key::Kind::erase));
  EXPECT_EQ(function(0), "parse");
  view_.press(key(Key::Kind::escape));
  EXPECT_EQ(function(2), "main");
}

TEST_F(TopViews, AFilterThatIsNoExpressionIsText) {
  type("/PRINT(");
  EXPECT_EQ(function(0), "");
  view_.press(key(Key::Kind::erase));
  type("|");
  view_.press(key(Key::Kind::erase));
  view_.press(key(Key::Kind::escape));
  type("/[");
  EXPECT_EQ(function(0), "");
}

TEST_F(TopViews, QQuitsButIsALetterInAFilter) {
  type("/q");
  EXPECT_EQ(view_.press(text("q")), TopView::Wish::none);
  view_.press(key(Key::Kind::escape));
  EXPECT_EQ(view_.press(text("q")), TopView::Wish::quit);
  EXPECT_EQ(view_.press(key(Key::Kind::interrupt)), TopView::Wish::quit);
}

TEST_F(TopViews, EnterShowsTheHeaviestStacksOfTheChosenFunction) {
  view_.press(key(Key::Kind::down));
  view_.press(key(Key::Kind::up));
  view_.press(key(Key::Kind::enter));
  const auto all = lines();
  EXPECT_NE(all[3].find("Heaviest stacks with parse"), std::string::npos);
  EXPECT_EQ(all[4], "40.0 %");
  EXPECT_EQ(all[5], "    parse");
  EXPECT_EQ(all[6], "    main");
  EXPECT_EQ(all[7], "20.0 %");
  EXPECT_EQ(all[9], "    run");
  ASSERT_EQ(all.size(), 11U);
  EXPECT_EQ(view_.press(text("q")), TopView::Wish::none);  // back to the table
  EXPECT_EQ(function(0), "parse");
}

TEST_F(TopViews, StacksScrollToTheirLastLineAndNoFurther) {
  view_.press(key(Key::Kind::enter));
  for (int i = 0; i < 100; ++i) view_.press(key(i % 2 == 0 ? Key::Kind::down : Key::Kind::page_down));
  ASSERT_EQ(lines().size(), 5U);
  EXPECT_EQ(lines()[4], "    main");
  view_.press(key(Key::Kind::up));
  EXPECT_EQ(lines()[4], "    run");
  // Fewer lines in the next interval: what is left of them is seen.
  profile_ = fixture::StackWriter().add("main@app;parse@app", 40).finish();
  show();
  EXPECT_EQ(lines()[4], "    main");
  profile_ = fixture::StackWriter().add("main@app", 40).finish();
  show();
  EXPECT_EQ(lines()[4], "none in this interval");
}

TEST_F(TopViews, PausesAndGoesOn) {
  EXPECT_FALSE(view_.is_paused());
  type("p");
  EXPECT_TRUE(view_.is_paused());
  EXPECT_NE(lines()[0].find("paused"), std::string::npos);
  type("p");
  EXPECT_FALSE(view_.is_paused());
}

TEST_F(TopViews, FitsEveryTerminal) {
  view_.press(key(Key::Kind::end));
  for (const TerminalSize size : {TerminalSize{1, 1}, {2, 5}, {5, 20}, {6, 60}, {50, 200}}) {
    const auto all = lines(size);
    EXPECT_LE(all.size(), size.rows);
    for (const std::string& line : all) EXPECT_LE(display_width(line), size.columns) << line;
  }
  // The chosen row is seen where there is room for one.
  bool is_seen = false;
  for (const std::string& line : view_.draw({5, 100})) is_seen = is_seen || line.starts_with("\x1b[7m");
  EXPECT_TRUE(is_seen);
}

TEST_F(TopViews, HostileNamesDoNotReachTheTerminal) {
  profile_ = fixture::StackWriter().add("evil\x1b[2J\nname@app", 5).finish();
  show();
  for (const std::string& line : lines()) {
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
}

TEST(TopView, BeforeTheFirstIntervalItSaysSo) {
  TopView view("app", TopOrder::self);
  view.press(key(Key::Kind::down));
  view.press(key(Key::Kind::enter));
  EXPECT_NE(view.draw(kUsual)[1].find("first interval"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::profile
