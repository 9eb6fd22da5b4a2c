// One nftables table with one chain and a rule for each protocol, as linux/netfilter/nf_tables.h
// wants them; connection tracking turns the answers back.
#include "shim/dns/redirect.hh"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <cstddef>

#include "net/netlink-message.hh"
#include "net/netlink.hh"

namespace fairlead::shim {

namespace {

constexpr std::string_view TABLE = "fairlead-resolver";
constexpr std::string_view CHAIN = "output";
constexpr uint16_t DOMAIN_PORT = 53;

std::string framed(int type) {
  const nfgenmsg header = {AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)};
  return netlink_message(static_cast<uint16_t>(type), 0, bytes_of(header));
}

std::string request(int type, int flags, const std::string& attributes) {
  const nfgenmsg header = {NFPROTO_IPV4, NFNETLINK_V0, 0};
  return netlink_message(static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type),
                         static_cast<uint16_t>(flags | NLM_F_ACK), bytes_of(header), attributes);
}

std::string expression(std::string_view name, const std::string& attributes) {
  return nested_attribute(NFTA_LIST_ELEM, text_attribute(NFTA_EXPR_NAME, name) +
                                              nested_attribute(NFTA_EXPR_DATA, attributes));
}

std::string equals(std::string_view value) {
  return expression("cmp", big_endian_attribute(NFTA_CMP_SREG, NFT_REG_1) +
                               big_endian_attribute(NFTA_CMP_OP, NFT_CMP_EQ) +
                               nested_attribute(NFTA_CMP_DATA, attribute(NFTA_DATA_VALUE, value)));
}

std::string payload(uint32_t base, size_t offset, size_t size) {
  return expression("payload",
                    big_endian_attribute(NFTA_PAYLOAD_DREG, NFT_REG_1) +
                        big_endian_attribute(NFTA_PAYLOAD_BASE, base) +
                        big_endian_attribute(NFTA_PAYLOAD_OFFSET, static_cast<uint32_t>(offset)) +
                        big_endian_attribute(NFTA_PAYLOAD_LEN, static_cast<uint32_t>(size)));
}

std::string load(uint32_t to, std::string_view value) {
  return expression("immediate",
                    big_endian_attribute(NFTA_IMMEDIATE_DREG, to) +
                        nested_attribute(NFTA_IMMEDIATE_DATA, attribute(NFTA_DATA_VALUE, value)));
}

std::string l4_protocol() {
  return expression("meta", big_endian_attribute(NFTA_META_DREG, NFT_REG_1) +
                                big_endian_attribute(NFTA_META_KEY, NFT_META_L4PROTO));
}

std::string translate() {
  return expression("nat", big_endian_attribute(NFTA_NAT_TYPE, NFT_NAT_DNAT) +
                               big_endian_attribute(NFTA_NAT_FAMILY, NFPROTO_IPV4) +
                               big_endian_attribute(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1) +
                               big_endian_attribute(NFTA_NAT_REG_PROTO_MIN, NFT_REG_2));
}

// UDP and TCP have the destination port in the same place.
std::string rule(in_addr address, uint8_t protocol, uint16_t port) {
  const std::string expressions =
      payload(NFT_PAYLOAD_NETWORK_HEADER, offsetof(iphdr, daddr), sizeof address) +
      equals(bytes_of(address)) + l4_protocol() + equals(bytes_of(protocol)) +
      payload(NFT_PAYLOAD_TRANSPORT_HEADER, offsetof(udphdr, dest), sizeof port) +
      equals(bytes_of(htons(DOMAIN_PORT))) + load(NFT_REG_1, bytes_of(address)) +
      load(NFT_REG_2, bytes_of(htons(port))) + translate();
  return request(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND,
                 text_attribute(NFTA_RULE_TABLE, TABLE) + text_attribute(NFTA_RULE_CHAIN, CHAIN) +
                     nested_attribute(NFTA_RULE_EXPRESSIONS, expressions));
}

std::string chain() {
  const std::string hook =
      big_endian_attribute(NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT) +
      big_endian_attribute(NFTA_HOOK_PRIORITY, static_cast<uint32_t>(NF_IP_PRI_NAT_DST));
  return request(NFT_MSG_NEWCHAIN, NLM_F_CREATE,
                 text_attribute(NFTA_CHAIN_TABLE, TABLE) + text_attribute(NFTA_CHAIN_NAME, CHAIN) +
                     nested_attribute(NFTA_CHAIN_HOOK, hook) +
                     text_attribute(NFTA_CHAIN_TYPE, "nat"));
}

// Made first, so that the removal works whether or not the table was there.
std::string removal() {
  const std::string name = text_attribute(NFTA_TABLE_NAME, TABLE);
  return request(NFT_MSG_NEWTABLE, NLM_F_CREATE, name) + request(NFT_MSG_DELTABLE, 0, name);
}

Status commit(const std::string& requests) {
  const std::string batch = framed(NFNL_MSG_BATCH_BEGIN) + requests + framed(NFNL_MSG_BATCH_END);
  const auto outcome = netlink({}, NETLINK_NETFILTER, {batch});
  if (!outcome) return std::unexpected(outcome.error());
  if (outcome->code == 0) return {};
  return std::unexpected(Error{"redirect queries", outcome->code, {}, outcome->reason});
}

} // namespace

Status redirect_queries(const RedirectTargets& targets) {
  const std::string name = text_attribute(NFTA_TABLE_NAME, TABLE);
  const std::string table = request(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, name) + chain() +
                            rule(targets.address, IPPROTO_UDP, targets.udp_port) +
                            rule(targets.address, IPPROTO_TCP, targets.tcp_port);
  const Status made = commit(table);
  // Only then, since the end of a socket that has removed a table waits some milliseconds for it.
  return made || made.error().code != EEXIST ? made : commit(removal() + table);
}

Status drop_redirect() { return commit(removal()); }

} // namespace fairlead::shim
