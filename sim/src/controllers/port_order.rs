//! Kubernetes 1.36: pkg/api/v1/endpoints/util.go (portsByHash), staging/src/k8s.io/endpointslice/util/controller_utils.go
//! (portsInOrder)
//!
//! Ports of Endpoints and EndpointSlices stand in the order of their hashes: FNV-1a with 128 bits, of what Go prints of
//! them.

use crate::value::Value;

/// What is printed of a port.
pub struct Port<'a> {
    pub name: &'a str,
    pub number: i64,
    pub protocol: &'a str,
    pub app: Option<&'a str>,
}

impl<'a> Port<'a> {
    pub fn read(port: &'a Value) -> Port<'a> {
        let text = |field: &str| port.get(field).as_str();
        let (name, protocol) = (text("name").unwrap_or(""), text("protocol").unwrap_or(""));
        Port { name, number: port.get("port").as_int().unwrap_or(0), protocol, app: text("appProtocol") }
    }
    /// Its place among the ports of Endpoints.
    pub fn in_endpoints(&self) -> u128 {
        let Port { name, number, protocol, .. } = self;
        self.place(&format!("Name:(string){name} Port:(int32){number} Protocol:(v1.Protocol){protocol}"))
    }
    /// Its place among the ports of an EndpointSlice.
    pub fn in_slice(&self) -> u128 {
        let Port { name, number, protocol, .. } = self;
        self.place(&format!("Name:(*string){name} Protocol:(*v1.Protocol){protocol} Port:(*int32){number}"))
    }
    fn place(&self, fields: &str) -> u128 {
        let app = self.app.unwrap_or("<nil>");
        fnv(format!("(v1.EndpointPort){{{fields} AppProtocol:(*string){app}}}").as_bytes())
    }
}

fn fnv(data: &[u8]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    data.iter().fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::Port;

    #[test]
    fn places_are_those_of_the_real_controllers() {
        let check = |name: &str, number, endpoints: u128, slice: u128| {
            let port = Port { name, number, protocol: "TCP", app: None };
            assert_eq!((port.in_endpoints(), port.in_slice()), (endpoints, slice), "{name}");
        };
        check("a", 80, 0x93f7910f45d8a99109c5b3f74144e582, 0x9086c42305e0d4098df13d690be1f478);
        check("metrics", 9153, 0xbb224be3c4f395f985c5884d94d63c5e, 0xf17bf63bdbb003d0f2f8e0b73efa3324);
    }
}
