#include "commands/evidence/readers/sbom.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"

namespace signalbox::evidence_command {
namespace {

std::string message_of(const Result<Sbom>& read) {
  return read ? "it was read" : read.error().message;
}

TEST(CycloneDx, NestedComponentsAreCountedAndWhatEachLacks) {
  const auto read = read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{
      "tools":{"components":[{"type":"application","name":"syft","version":"1.4.1"}]},
      "component":{"bom-ref":"app","type":"file","name":"app","version":"7","hashes":[
        {"alg":"SHA-1","content":"da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"alg":"SHA-256","content":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}]}},
    "components":[
      {"bom-ref":"a","type":"library","name":"a","version":"1","purl":"pkg:npm/a@1",
       "licenses":[{"license":{"id":"MIT"}}],"hashes":[{"alg":"MD5","content":"d41d8cd98f00b204e9800998ecf8427e"}],
       "components":[{"bom-ref":"b","type":"library","name":"b","cpe":"cpe:2.3:a:b:b:*:*:*:*:*:*:*:*"}]},
      {"type":"library","name":"c","version":"3"}],
    "dependencies":[{"ref":"app","dependsOn":["a","c"]},{"ref":"a","dependsOn":["b"]},{"ref":"b"}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->format + " " + read->version, "CycloneDX 1.6");
  EXPECT_EQ(read->tool, "syft 1.4.1");
  EXPECT_EQ(read->components, 3);
  EXPECT_EQ(read->dependencies, 3);
  EXPECT_EQ(read->without_version, 1);     // b
  EXPECT_EQ(read->without_license, 2);     // b, c
  EXPECT_EQ(read->without_digest, 2);      // b, c
  EXPECT_EQ(read->without_identifier, 1);  // c
  EXPECT_EQ(read->described_name, "app");
  EXPECT_EQ(read->described_digest,
            (std::map<std::string, std::string>{
                {"sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}));
}

TEST(Spdx, ThePackageThatTheDocumentIsAboutIsNoComponentOfItself) {
  const auto read = read_sbom(R"({"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT",
    "creationInfo":{"creators":["Organization: Example","Tool: syft-1.4.1"]},
    "packages":[
      {"SPDXID":"SPDXRef-app","name":"app","versionInfo":"7","checksums":[{"algorithm":"SHA512","checksumValue":
       "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"}]},
      {"SPDXID":"SPDXRef-a","name":"a","versionInfo":"1","licenseConcluded":"NOASSERTION","licenseDeclared":"MIT",
       "checksums":[{"algorithm":"SHA1","checksumValue":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}],
       "externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/a@1"}]},
      {"SPDXID":"SPDXRef-b","name":"b","licenseConcluded":"NONE","externalRefs":[{"referenceType":"advisory","referenceLocator":"x"}]}],
    "relationships":[
      {"spdxElementId":"SPDXRef-app","relationshipType":"DESCRIBED_BY","relatedSpdxElement":"SPDXRef-DOCUMENT"},
      {"spdxElementId":"SPDXRef-app","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-a"},
      {"spdxElementId":"SPDXRef-b","relationshipType":"DEV_DEPENDENCY_OF","relatedSpdxElement":"SPDXRef-app"},
      {"spdxElementId":"SPDXRef-app","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-a"}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->format + " " + read->version, "SPDX 2.3");
  EXPECT_EQ(read->tool, "syft-1.4.1");
  EXPECT_EQ(read->components, 2);
  EXPECT_EQ(read->dependencies, 2);
  EXPECT_EQ(read->without_version, 1);
  EXPECT_EQ(read->without_license, 1);
  EXPECT_EQ(read->without_digest, 1);
  EXPECT_EQ(read->without_identifier, 1);
  EXPECT_EQ(read->described_name, "app");
  EXPECT_EQ(read->described_digest.size(), 1U);
  EXPECT_TRUE(read->described_digest.contains("sha512"));
}

TEST(Spdx, ADocumentAboutSeveralPackagesListsThemAll) {
  const auto read = read_sbom(R"({"spdxVersion":"SPDX-2.3","documentDescribes":["SPDXRef-a","SPDXRef-b"],
    "packages":[{"SPDXID":"SPDXRef-a","name":"a"},{"SPDXID":"SPDXRef-b","name":"b"}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->components, 2);
  EXPECT_TRUE(read->described_name.empty());
}

// The kept inputs of the fuzz target are what `npm sbom` 11.19.1 wrote of one lock file in both formats.
TEST(Sbom, BothFormatsThatNpmWritesOfOneProjectComeToTheSameCounts) {
  const auto folder = testing::source_directory() / "fuzz/corpus/sbom_fuzz";
  const auto one = read_sbom(read_file(folder / "npm_cyclonedx").value());
  const auto other = read_sbom(read_file(folder / "npm_spdx").value());
  ASSERT_TRUE(one && other);
  for (const Sbom& sbom : {*one, *other}) {
    EXPECT_EQ(sbom.components, 3);    // `npm ls --all --parseable`: four lines with the project itself
    EXPECT_EQ(sbom.dependencies, 4);  // shop needs tiny and deep, deep needs tiny and deeper
    EXPECT_EQ(sbom.without_license, 1);
    EXPECT_EQ(sbom.without_digest, 1);
    EXPECT_EQ(sbom.without_version + sbom.without_identifier, 0);
    EXPECT_EQ(sbom.described_version, "1.2.0");
  }
}

TEST(Sbom, WhatListsNothingBecauseNobodyLookedIsRefusedAndAnEmptyListIsNot) {
  EXPECT_EQ(message_of(read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.5"})")),
            "$.components: there is none: the tool did not look");
  EXPECT_EQ(message_of(read_sbom(R"({"spdxVersion":"SPDX-2.3"})")),
            "$.packages: there is none: the tool did not look");
  EXPECT_TRUE(read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[]})"));
}

TEST(Sbom, OtherFormatsAndVersionsDoubleReferencesAndWrongDigestsAreRefusedWithTheirPlace) {
  EXPECT_NE(message_of(read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.2","components":[]})"))
                .find("\"1.2\""),
            std::string::npos);
  EXPECT_NE(message_of(read_sbom(R"({"spdxVersion":"SPDX-2.2","packages":[]})")).find("SPDX-2.3"),
            std::string::npos);
  EXPECT_NE(message_of(read_sbom(R"({"a":1})")).find("neither"), std::string::npos);
  EXPECT_FALSE(read_sbom("[]"));
  EXPECT_FALSE(read_sbom(""));
  EXPECT_EQ(message_of(read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[
      {"name":"a","bom-ref":"x"},{"name":"b","components":[{"name":"c","bom-ref":"x"}]}]})")),
            "$.components[1].components[0].bom-ref: \"x\" is there twice");
  EXPECT_EQ(message_of(
                read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"version":"1"}]})")),
            "$.components[0].name: there is none");
  EXPECT_EQ(
      message_of(read_sbom(
          R"({"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"a","name":"a"},{"SPDXID":"a","name":"b"}]})")),
      "$.packages[1].SPDXID: \"a\" is there twice");
  EXPECT_EQ(message_of(read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[],"metadata":{
      "component":{"name":"a","hashes":[{"alg":"SHA-256","content":"abc"}]}}})")),
            "$.metadata.component.hashes: no sha256 digest: 64 hexadecimal digits are wanted");
  // Two readings of one bill: what is counted would depend on who reads.
  EXPECT_NE(message_of(
                read_sbom(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[],"components":[]})"))
                .find("ambiguous JSON"),
            std::string::npos);
}

}  // namespace
}  // namespace signalbox::evidence_command
