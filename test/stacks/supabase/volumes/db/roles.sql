ALTER USER authenticator WITH PASSWORD :'pgpass';
