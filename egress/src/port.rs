//! Ports of other services: a request that a mail server or a database misreads as its own is an attack, whatever its address.
//!
//! The first table is the "bad port" list of the Fetch standard, which browsers keep; the second adds services that browsers do not guard:
//! databases, queues, caches, directories, remote desktops and the control ports of containers.

const BROWSERS_REFUSE: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

const OTHER_SERVICES: [u16; 59] = [
    49, 67, 68, 70, 88, 138, 162, 177, 445, 464, 502, 520, 546, 547, 623, 631, 853, 873, 902, 1080,
    1433, 1434, 1521, 1883, 2181, 2375, 2376, 2379, 2380, 3260, 3268, 3269, 3306, 3389, 4369, 5353,
    5432, 5671, 5672, 5900, 5901, 5984, 5985, 5986, 6379, 6380, 6443, 7000, 7001, 8883, 9042, 9092,
    9200, 9300, 10250, 11211, 27017, 27018, 27019,
];

/// Whether a port is the well-known one of another service than the web.
pub(crate) fn belongs_to_another_service(port: u16) -> bool {
    BROWSERS_REFUSE.contains(&port) || OTHER_SERVICES.contains(&port)
}
