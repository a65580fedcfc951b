//! Device management: Jamf, Intune and Kandji.
