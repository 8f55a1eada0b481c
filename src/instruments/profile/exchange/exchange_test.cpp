// Requests to receivers of profiles, their answers, retries, and the spool.
#include <fstream>
#include <limits>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/gzip.hpp"
#include "core/base/killed_writer.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/exchange/courier.hpp"
#include "instruments/profile/exchange/grpc_web.hpp"
#include "instruments/profile/exchange/upload_spool.hpp"
#include "instruments/profile/formats/otlp.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const Time kNow{std::chrono::seconds(1'800'000'000)};

Profile small_profile() {
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  const StackId stack = builder.stack(
      builder.stack(0, builder.frame({builder.function("main"), 0, 0x1000, 0, 0, FrameKind::user})),
      builder.frame({builder.function("work"), 0, 0x2000, 0, 0, FrameKind::user}));
  const std::int64_t values[] = {3, 30'303'030};
  builder.add({stack, 0, 0, -1}, values);
  Profile& profile = builder.profile();
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = 10'101'010;
  profile.start_unix_ns = 1'700'000'000'500'000'000;
  profile.duration_ns = 2'000'000'000;
  return std::move(builder).finish();
}

Destination destination(Receiver receiver, std::string_view url = "http://127.0.0.1:4040") {
  Destination out = destination_of(receiver, url, {}, {"region=eu", "team=a"}).value();
  out.app = "shop";
  return out;
}

http::ClientResponse answer_of(int status, std::string body = {}) {
  http::ClientResponse out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

TEST(Destinations, ThePathOfTheReceiverIsAddedWhereItIsNotThere) {
  EXPECT_EQ(destination_of(Receiver::pyroscope, "http://localhost:4040", {}, {})->url,
            "http://localhost:4040/ingest");
  EXPECT_EQ(destination_of(Receiver::pyroscope, "http://localhost:4040/ingest", {}, {})->url,
            "http://localhost:4040/ingest");
  EXPECT_EQ(destination_of(Receiver::otlp, "https://box.example/otlp/", {}, {})->url,
            "https://box.example/otlp/v1development/profiles");
  EXPECT_EQ(destination_of(Receiver::parca, "http://localhost:7070", {}, {})->url,
            "http://localhost:7070/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw");
}

TEST(Destinations, WhatCannotBeSentIsRefusedWithoutItsValue) {
  const auto refused = [](std::string_view url, std::vector<std::string> headers,
                          std::vector<std::string> labels) {
    const auto out = destination_of(Receiver::pyroscope, url, headers, labels);
    EXPECT_FALSE(out);
    EXPECT_EQ(out.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(out.error().message.find("s3cret"), std::string::npos) << out.error().message;
    return out.error().message;
  };
  refused("ftp://localhost", {}, {});
  refused("http://localhost/?a=b", {}, {});
  refused("http://me:s3cret@localhost", {}, {});
  refused("http://localhost", {"Bad Name=s3cret"}, {});
  refused("http://localhost", {"X=s3cret\r\nY: 1"}, {});
  refused("http://localhost", {}, {"1st=x"});
  refused("http://localhost", {}, {"a-b=x"});
  refused("http://localhost", {}, {"a=1", "a=2"});
  refused("http://box.example", {"authorization=Bearer s3cret"}, {});
  EXPECT_TRUE(
      destination_of(Receiver::pyroscope, "https://box.example", {"Authorization=Bearer s3cret"}, {}));
  EXPECT_TRUE(destination_of(Receiver::pyroscope, "http://127.0.0.1:1", {"Authorization=Bearer s3cret"}, {}));
}

TEST(Uploads, PyroscopeGetsNameTimesAndRateInItsQueryAndPprofAsBody) {
  const auto upload = make_upload(small_profile(), destination(Receiver::pyroscope), kNow);
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->query,
            "name=shop%7Bregion%3Deu%2Cteam%3Da%7D&from=1700000000&until=1700000003&format=pprof&"
            "spyName=signalbox&sampleRate=99");
  const auto octets = gunzip(upload->body, 1 << 20);
  ASSERT_TRUE(octets);
  EXPECT_EQ(read_pprof(*octets)->total(0), 3);
}

TEST(Uploads, APprofThatIsKnownIsNotWrittenAgain) {
  for (const Receiver receiver : {Receiver::pyroscope, Receiver::parca}) {
    const auto upload = make_upload(small_profile(), destination(receiver), kNow, "written before");
    ASSERT_TRUE(upload);
    EXPECT_TRUE(upload->body.ends_with("written before"));
    EXPECT_EQ(make_upload(small_profile(), destination(receiver), kNow, write_pprof(small_profile()))->body,
              make_upload(small_profile(), destination(receiver), kNow)->body);
  }
}

TEST(Uploads, AProfileWithoutATimeEndsNow) {
  Profile profile = small_profile();
  profile.start_unix_ns = 0;
  const auto upload = make_upload(profile, destination(Receiver::pyroscope), kNow);
  EXPECT_NE(upload->query.find("from=1799999998&until=1800000001"), std::string::npos) << upload->query;
}

// Of files that others wrote.
TEST(Uploads, TimesAtTheEndOfTheRangeStayInIt) {
  Profile profile = small_profile();
  profile.start_unix_ns = profile.duration_ns = std::numeric_limits<std::int64_t>::max();
  const auto whole = make_upload(profile, destination(Receiver::pyroscope), kNow);
  EXPECT_NE(whole->query.find("from=9223372036&until=9223372037"), std::string::npos) << whole->query;
  profile.start_unix_ns = 0;
  const auto early = make_upload(profile, destination(Receiver::pyroscope), kNow);
  EXPECT_NE(early->query.find("from=0&until=9223372037"), std::string::npos) << early->query;
  profile.start_unix_ns = profile.duration_ns = std::numeric_limits<std::int64_t>::min();
  const auto none = make_upload(profile, destination(Receiver::pyroscope), kNow);
  EXPECT_NE(none->query.find("from=1800000000&until=1800000001"), std::string::npos) << none->query;
}

TEST(Uploads, ALabelCannotEndPyroscopesBraces) {
  Destination to = destination(Receiver::pyroscope);
  to.labels = {{"x", "a},b={c&d=e"}};
  const auto upload = make_upload(small_profile(), to, kNow);
  EXPECT_TRUE(upload->query.starts_with("name=shop%7Bx%3Da__b%3D_c%26d%3De%7D&from=")) << upload->query;
}

TEST(Uploads, WaitsAreNoProcessorTime) {
  Profile waits = small_profile();
  waits.value_types[1].type = "offcpu";
  waits.default_value = 1;
  waits.period = 0;
  const auto to_parca = make_upload(waits, destination(Receiver::parca), kNow);
  ASSERT_TRUE(to_parca);
  EXPECT_NE(to_parca->body.find("off_cpu"), std::string::npos);
  EXPECT_EQ(to_parca->body.find("process_cpu"), std::string::npos);
  EXPECT_NE(make_upload(small_profile(), destination(Receiver::parca), kNow)->body.find("process_cpu"),
            std::string::npos);
  const auto to_pyroscope = make_upload(waits, destination(Receiver::pyroscope), kNow);
  EXPECT_EQ(to_pyroscope->query.find("sampleRate"), std::string::npos) << to_pyroscope->query;
  const auto to_collector = make_upload(waits, destination(Receiver::otlp), kNow);
  const auto told = read_otlp(*gunzip(to_collector->body, 1 << 20));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->value_types[told->default_value], (ValueType{"offcpu", "nanoseconds"}));
}

TEST(Uploads, OtlpHasAppAndLabelsAsAttributesOfItsResource) {
  const auto upload = make_upload(small_profile(), destination(Receiver::otlp), kNow);
  EXPECT_EQ(upload->type, "application/x-protobuf");
  EXPECT_EQ(upload->encoding, "gzip");
  const auto octets = gunzip(upload->body, 1 << 20);
  ASSERT_TRUE(octets);
  const auto profile = read_otlp(*octets);
  ASSERT_TRUE(profile);
  EXPECT_EQ(annotation(profile->annotations, "service.name").value_or(""), "shop");
  EXPECT_EQ(annotation(profile->annotations, "region").value_or(""), "eu");
}

TEST(Uploads, SignalboxGetsServiceAndLabelsInItsQueryAndTheTimeOfEachSample) {
  Destination to = destination(Receiver::signalbox);
  to.app = "shop/eu";
  to.labels = {{"what", "a b&c"}};
  Profile profile = small_profile();
  profile.samples.front().time_ns = 1'500'000'000;
  const auto upload = make_upload(profile, to, kNow);
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->query, "service=shop%2Feu&label.what=a%20b%26c");
  const auto octets = gunzip(upload->body, 1 << 20);
  ASSERT_TRUE(octets);
  const auto back = read_pprof(*octets);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->total(0), profile.total(0));
  EXPECT_EQ(back->samples.front().time_ns, 1'500'000'000);
  EXPECT_EQ(request_of(*upload, to).url,
            "http://127.0.0.1:4040/api/v1/profile/ingest?service=shop%2Feu&label.what=a%20b%26c");
}

TEST(Uploads, AsTheyLieInTheSpoolAndBack) {
  const Upload upload{"a=b%20c", "text/x", "gzip", std::string("\0\n\xff", 3)};
  const auto back = parse_spooled(spooled_text(upload));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->query, upload.query);
  EXPECT_EQ(back->type, upload.type);
  EXPECT_EQ(back->encoding, upload.encoding);
  EXPECT_EQ(back->body, upload.body);
  for (const char* bad :
       {"", "x", "\n", "{}\n", "{\"v\":2,\"type\":\"a\"}\n", "{\"v\":1,\"type\":\"a\\r\\nb\"}\nx"})
    EXPECT_FALSE(parse_spooled(bad)) << bad;
}

TEST(GrpcWeb, StatusIsReadFromTrailerOrHeaders) {
  const std::string trailer = "grpc-status: 3\r\ngrpc-message: no%20name\r\n";
  const std::string body =
      grpc_web_frame("").value() + std::string("\x80\0\0\0", 4) + static_cast<char>(trailer.size()) + trailer;
  EXPECT_EQ(grpc_status({}, body)->code, 3);
  EXPECT_EQ(grpc_status({}, body)->message, "no name");
  EXPECT_EQ(grpc_status({{"grpc-status", "16"}}, "")->code, 16);
  EXPECT_FALSE(grpc_status({}, ""));
  EXPECT_FALSE(grpc_status({}, body.substr(0, body.size() - 1)));
  EXPECT_FALSE(grpc_status({{"grpc-status", "99"}}, ""));
  EXPECT_FALSE(grpc_status({}, std::string("\x80\xff\xff\xff\xff", 5)));
}

TEST(Answers, EachStatusIsWhatItMeans) {
  const auto taken = [](int status, Receiver receiver = Receiver::pyroscope, std::string body = {}) {
    return judged(answer_of(status, std::move(body)), destination(receiver)).taken;
  };
  EXPECT_EQ(taken(200), Taken::yes);
  EXPECT_EQ(taken(204), Taken::yes);
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_EQ(taken(status), Taken::away) << status;
  for (const int status : {301, 400, 404, 413, 415, 422}) EXPECT_EQ(taken(status), Taken::refused) << status;
  for (const int status : {401, 403}) EXPECT_EQ(taken(status), Taken::denied) << status;
  // A page of HTML with 200 is no Parca.
  EXPECT_EQ(taken(200, Receiver::parca, "<html>"), Taken::refused);
  // ExportProfilesServiceResponse{partial_success{rejected_profiles: 2, error_message: "no"}}, by hand.
  EXPECT_EQ(taken(200, Receiver::otlp, std::string("\x0a\x06\x08\x02\x12\x02no", 8)), Taken::refused);
  EXPECT_EQ(taken(200, Receiver::otlp, ""), Taken::yes);
  // Fields of other types than the schema's are skipped.
  EXPECT_EQ(taken(200, Receiver::otlp, std::string("\x09\x00\x00\x1e", 4)), Taken::yes);
  EXPECT_EQ(taken(200, Receiver::otlp, std::string("\x08\x01\x0a\x02\x0a\x00", 6)), Taken::yes);
}

// A receiver that answers what it is told to, and a clock that only counts.
struct Played {
  std::vector<Result<http::ClientResponse>> answers;
  std::vector<std::chrono::milliseconds> pauses;
  std::size_t asked = 0;
  Outside outside() {
    return {[this](const http::ClientRequest&) { return answers[std::min(asked++, answers.size() - 1)]; },
            [this](std::chrono::milliseconds time) {
              pauses.push_back(time);
              return true;
            },
            [] { return 0.0; }};
  }
};

TEST(Couriers, AnAbsentReceiverIsAskedAgainAfterTimesThatDouble) {
  Played played{{answer_of(503)}, {}, 0};
  RetryPolicy policy;
  policy.attempts = kPatientAttempts;
  EXPECT_EQ(deliver({}, destination(Receiver::otlp), policy, played.outside()).taken, Taken::away);
  EXPECT_EQ(played.asked, 8U);
  EXPECT_EQ(played.pauses, (std::vector<std::chrono::milliseconds>{500ms, 1s, 2s, 4s, 8s, 16s,
                                                                   30s}));  // the least by chance
  EXPECT_EQ(pause_before(7, {}, policy, 1.0), 60s);
}

TEST(Couriers, RetryAfterIsKeptAndATooLongOneIsAway) {
  http::ClientResponse busy = answer_of(429);
  busy.headers["retry-after"] = "7";
  Played played{{busy, answer_of(200)}, {}, 0};
  RetryPolicy policy;
  policy.attempts = 3;
  EXPECT_EQ(deliver({}, destination(Receiver::otlp), policy, played.outside()).taken, Taken::yes);
  EXPECT_EQ(played.pauses, std::vector<std::chrono::milliseconds>{7s});
  busy.headers["retry-after"] = "3600";
  Played later{{busy}, {}, 0};
  EXPECT_EQ(deliver({}, destination(Receiver::otlp), policy, later.outside()).taken, Taken::away);
  EXPECT_EQ(later.asked, 1U);
}

TEST(Answers, WhatAnAnswerSaysIsWithoutTheSecretsThatItWasSent) {
  const std::vector<NamedValue> headers = {{"Authorization", "Bearer s3cret-t0ken"},
                                           {"Cookie", "a=first-c00kie; b=second-c00kie"}};
  EXPECT_EQ(words_said("not with Bearer s3cret-t0ken\nsecond", headers), "not with (secret)");
  EXPECT_EQ(words_said("s3cret-t0ken, first-c00kie: no", headers), "(secret), (secret): no");
  // Nor half of one, where a long line is cut.
  const std::string cut = words_said(std::string(290, 'x') + " s3cret-t0ken and what follows", headers);
  EXPECT_EQ(cut.find("s3c"), std::string::npos) << cut;
  EXPECT_LE(cut.size(), 310U);
  EXPECT_EQ(words_said(std::string("\x00\x01", 2), headers), "");
  EXPECT_EQ(words_said("\xff", headers), "");
}

// A program reads its query before it says what it does not like about it.
TEST(Answers, NorDecodedOrWithTheEndOfALongerOne) {
  const std::vector<NamedValue> query = {{"query", "token=s3cret%2ft0ken+9&key=Basic%20passw0rd-9"}};
  for (const char* told :
       {"s3cret%2ft0ken+9", "s3cret%2Ft0ken%2B9", "s3cret/t0ken+9", "s3cret/t0ken 9",
        "token=s3cret/t0ken 9&key=Basic passw0rd-9", "Basic passw0rd-9", "Basic%20passw0rd-9",
        "s3cret%2ft0ken%2b9", "s3cret\\/t0ken+9", "Basic+passw0rd-9"})
    EXPECT_EQ(words_said(std::string("not ") + told + "!", query), "not (secret)!") << told;
  EXPECT_EQ(words_said("passw0rd-9", query), "(secret)");
  const std::vector<NamedValue> headers = {{"X-Key", "s3cret-t0ken"}, {"X-Other", "s3cret-t0ken-and-more"}};
  EXPECT_EQ(words_said("s3cret-t0ken-and-more, s3cret-t0ken", headers), "(secret), (secret)");
}

TEST(Couriers, ARefusalIsFinalAndRepeatsNoSecret) {
  Played played{{answer_of(400, "not with s3cret-t0ken")}, {}, 0};
  RetryPolicy policy;
  policy.attempts = 3;
  Destination to = destination(Receiver::pyroscope);
  to.headers = {{"Authorization", "Bearer s3cret-t0ken"}};
  const Answer answer = deliver({}, to, policy, played.outside());
  EXPECT_EQ(answer.taken, Taken::refused);
  EXPECT_EQ(played.asked, 1U);
  EXPECT_EQ(answer.why, "status 400: not with (secret)");
}

Upload numbered(int number) {
  return {"n=" + std::to_string(number), "x/y", "", "body " + std::to_string(number)};
}

TEST(UploadSpools, SendInOrderForgetWhatWasTakenAndStopWhereTheReceiverIsAway) {
  const TemporaryDirectory folder;
  UploadSpool spool = UploadSpool::of(folder.path(), destination(Receiver::pyroscope));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(spool.keep(numbered(i)));
  ASSERT_TRUE(spool.keep(numbered(1)));  // waits already
  EXPECT_EQ(spool.waiting()->size(), 3U);
  std::vector<std::string> sent;
  const auto first = spool.drain([&](const Upload& upload) {
    if (!sent.empty()) return Answer{Taken::away, "gone", {}};
    sent.push_back(upload.query);
    return Answer{Taken::yes, {}, {}};
  });
  ASSERT_TRUE(first);
  EXPECT_EQ(first->sent, 1U);
  EXPECT_EQ(first->last.why, "gone");
  EXPECT_EQ(spool.waiting()->size(), 2U);
  ASSERT_TRUE(spool.drain([&](const Upload& upload) {
    sent.push_back(upload.query);
    return Answer{Taken::yes, {}, {}};
  }));
  EXPECT_EQ(sent, (std::vector<std::string>{"n=0", "n=1", "n=2"}));
  EXPECT_TRUE(spool.waiting()->empty());
}

TEST(UploadSpools, WhatIsRefusedOrWasChangedIsPutAsideAndTheRestGoesOn) {
  const TemporaryDirectory folder;
  UploadSpool spool = UploadSpool::of(folder.path(), destination(Receiver::pyroscope));
  std::vector<fs::path> files;
  for (int i = 0; i < 3; ++i) files.push_back(spool.keep(numbered(i)).value().file);
  std::ofstream(files[0], std::ios::app) << "x";
  const auto drained = spool.drain([&](const Upload& upload) {
    return upload.query == "n=1" ? Answer{Taken::refused, "no", {}} : Answer{Taken::yes, {}, {}};
  });
  ASSERT_TRUE(drained);
  EXPECT_EQ(drained->sent, 1U);
  ASSERT_EQ(drained->refused.size(), 2U);
  EXPECT_EQ(drained->refused[1].why, "no");
  EXPECT_TRUE(fs::exists(files[0].string() + ".refused"));
  EXPECT_TRUE(spool.waiting()->empty());
}

TEST(UploadSpools, ReceiversDoNotShareAndOthersCannotRead) {
  const TemporaryDirectory folder;
  UploadSpool a = UploadSpool::of(folder.path(), destination(Receiver::pyroscope));
  UploadSpool b = UploadSpool::of(folder.path(), destination(Receiver::otlp));
  const fs::path file = a.keep(numbered(1)).value().file;
  EXPECT_TRUE(b.waiting()->empty());
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(UploadSpools, TheOldestMakeRoom) {
  const TemporaryDirectory folder;
  const std::size_t one = spooled_text(numbered(1)).size();
  UploadSpool spool = UploadSpool::of(folder.path(), destination(Receiver::pyroscope), 2 * one);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(spool.keep(numbered(i)).value().dropped, i < 2 ? 0U : 1U);
  std::vector<std::string> sent;
  ASSERT_TRUE(spool.drain([&](const Upload& upload) {
    sent.push_back(upload.query);
    return Answer{Taken::yes, {}, {}};
  }));
  EXPECT_EQ(sent, (std::vector<std::string>{"n=2", "n=3"}));
  EXPECT_FALSE(spool.keep({"", "x/y", "", std::string(3 * one, 'x')}));
}

TEST(UploadSpools, ThoseGivenTogetherAreKeptTogetherOrNotAtAll) {
  const TemporaryDirectory folder;
  const std::size_t one = spooled_text(numbered(1)).size();
  UploadSpool spool = UploadSpool::of(folder.path(), destination(Receiver::pyroscope), 3 * one);
  ASSERT_TRUE(spool.keep(numbered(0)));
  ASSERT_TRUE(spool.keep(numbered(1)));
  const std::vector<Upload> four = {numbered(2), numbered(3), numbered(4), numbered(5)};
  const auto refused = spool.keep_all(four);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(spool.waiting()->size(), 2U);  // as before
  // The oldest of all is one of them, twice: it stays, and what is not theirs makes room.
  const auto kept = spool.keep_all(std::vector<Upload>{numbered(0), numbered(6), numbered(0), numbered(7)});
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->size(), 4U);
  EXPECT_EQ(kept->back().dropped, 1U);
  std::vector<std::string> sent;
  ASSERT_TRUE(spool.drain([&](const Upload& upload) {
    sent.push_back(upload.query);
    return Answer{Taken::yes, {}, {}};
  }));
  EXPECT_EQ(sent, (std::vector<std::string>{"n=0", "n=6", "n=7"}));
}

std::uint64_t octets_in(const fs::path& folder) {
  std::uint64_t out = 0;
  for (const auto& entry : fs::directory_iterator(folder)) out += entry.file_size();
  return out;
}

TEST(UploadSpools, WhatWasRefusedOrIsHalfDoneCountsAndMakesRoom) {
  const TemporaryDirectory folder;
  const std::size_t one = spooled_text(numbered(1)).size();
  UploadSpool spool = UploadSpool::of(folder.path(), destination(Receiver::pyroscope), 3 * one);
  const fs::path refused = spool.keep(numbered(1)).value().file.string() + ".refused";
  ASSERT_TRUE(spool.drain([](const Upload&) { return Answer{Taken::refused, "no", {}}; }));
  ASSERT_TRUE(fs::exists(refused));
  // As a writer that was killed then leaves it.
  const fs::path half = refused.parent_path() / ("." + refused.filename().string() + ".0123456789ab");
  std::ofstream(half) << std::string(one, 'x');
  EXPECT_EQ(spool.keep(numbered(2)).value().dropped, 0U);
  EXPECT_EQ(octets_in(spool.folder()), 3 * one);
  EXPECT_EQ(spool.keep(numbered(3)).value().dropped, 0U);
  EXPECT_EQ(spool.keep(numbered(4)).value().dropped, 0U);
  EXPECT_FALSE(fs::exists(refused));
  EXPECT_FALSE(fs::exists(half));
  EXPECT_EQ(octets_in(spool.folder()), 3 * one);
  EXPECT_EQ(spool.waiting()->size(), 3U);
  EXPECT_TRUE(fs::exists(spool.folder() / "lock"));
}

// A writer that says what it kept is killed at any moment: all that was acknowledged is there, whole.
TEST(UploadSpools, LoseNothingThatWasAcknowledgedWhenTheWriterIsKilled) {
  const TemporaryDirectory folder;
  std::set<std::uint64_t> acknowledged;
  const auto write = [&](const testing::Acknowledge& acknowledge) {
    UploadSpool spool = UploadSpool::of(folder.path(), destination(Receiver::pyroscope));
    for (std::uint64_t i = acknowledged.empty() ? 0 : *acknowledged.rbegin() + 1;; ++i) {
      if (!spool.keep(numbered(static_cast<int>(i)))) ::_exit(1);
      acknowledge(i);
    }
  };
  testing::kill_while_writing(10, 20'000, write, acknowledged);
  EXPECT_GE(acknowledged.size(), 10U);
  std::set<std::string> sent;
  const auto drained =
      UploadSpool::of(folder.path(), destination(Receiver::pyroscope)).drain([&](const Upload& upload) {
        sent.insert(upload.query);
        return Answer{Taken::yes, {}, {}};
      });
  ASSERT_TRUE(drained);
  EXPECT_TRUE(drained->refused.empty());
  for (const std::uint64_t i : acknowledged) EXPECT_TRUE(sent.contains("n=" + std::to_string(i))) << i;
}

}  // namespace
}  // namespace signalbox::profile
