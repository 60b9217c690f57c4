//! The flags of every verb as one table, and how a command line is read by it.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd, github.com/spf13/pflag

use super::{help, time};
use std::num::IntErrorKind;

/// What a command line says.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// The verb: `get`, `rollout status`, `create secret generic`.
    pub verb: String,
    /// The words that are no flags.
    pub words: Vec<String>,
    /// What stands behind `--`.
    pub after: Option<Vec<String>>,
    flags: Vec<(String, String)>,
}

/// Flags that every verb takes. `=`: takes a value; `/x`: has a short form; `?`: may stand alone or take `=value`.
const GLOBAL: &str = "namespace/n= context= cluster= user= kubeconfig= server/s= as= as-group= as-uid= request-timeout= \
    v/v= vmodule= warnings-as-errors insecure-skip-tls-verify cache-dir= match-server-version token= help/h field-manager=";
const FILES: &str = "filename/f= kustomize/k= recursive/R";
const PRINT: &str = "output/o= template= allow-missing-template-keys show-managed-fields";
const MANY: &str = "selector/l= all field-selector=";
const CHANGE: &str = "dry-run? record local validate?";
const CREATE: &str = "save-config edit raw= windows-line-endings";
const WORKLOAD: &str = "containers/c=";

/// The flags of each verb, beside the global ones; `+NAME` takes in a group.
const VERBS: &[(&str, &str)] = &[
    (
        "get",
        "+files +print selector/l= field-selector= all-namespaces/A watch/w watch-only output-watch-events no-headers \
        show-labels label-columns/L= show-kind sort-by= ignore-not-found chunk-size= raw= server-print subresource=",
    ),
    ("describe", "+files selector/l= all-namespaces/A show-events chunk-size="),
    (
        "apply",
        "+files +print +change selector/l= all overwrite prune prune-allowlist= applyset= server-side \
        force-conflicts force grace-period= cascade? wait timeout= openapi-patch subresource=",
    ),
    ("apply view-last-applied", "+files +print selector/l= all"),
    ("apply set-last-applied", "+files +print +change create-annotation"),
    ("create", "+files +print +change +create selector/l="),
    ("create configmap", "+print +change +create from-file= from-literal= from-env-file= append-hash"),
    ("create secret generic", "+print +change +create from-file= from-literal= from-env-file= append-hash type="),
    ("create secret tls", "+print +change +create cert= key= append-hash"),
    (
        "create secret docker-registry",
        "+print +change +create docker-username= docker-password= docker-email= \
        docker-server= from-file= append-hash",
    ),
    ("create secret", ""),
    ("create deployment", "+print +change +create image= replicas/r= port="),
    ("create job", "+print +change +create image= from="),
    ("create cronjob", "+print +change +create image= schedule= restart="),
    ("create namespace", "+print +change +create"),
    ("create serviceaccount", "+print +change +create"),
    ("create service clusterip", "+print +change +create tcp= clusterip="),
    ("create service nodeport", "+print +change +create tcp= node-port="),
    ("create service loadbalancer", "+print +change +create tcp="),
    ("create service externalname", "+print +change +create tcp= external-name="),
    ("create service", ""),
    ("create role", "+print +change +create verb= resource= resource-name="),
    ("create clusterrole", "+print +change +create verb= resource= resource-name= non-resource-url= aggregation-rule="),
    ("create rolebinding", "+print +change +create role= clusterrole= serviceaccount= group="),
    ("create clusterrolebinding", "+print +change +create clusterrole= serviceaccount= group="),
    ("create quota", "+print +change +create hard= scopes="),
    ("create priorityclass", "+print +change +create value= global-default description= preemption-policy="),
    ("create poddisruptionbudget", "+print +change +create min-available= max-unavailable= selector="),
    ("create ingress", "+print +change +create class= rule= default-backend= annotation="),
    ("create token", "+print +change duration= audience= bound-object-kind= bound-object-name="),
    (
        "delete",
        "+files +many output/o= all-namespaces/A cascade? grace-period= now force wait ignore-not-found \
        timeout= raw= interactive/i dry-run?",
    ),
    ("replace", "+files +print +change +create cascade? grace-period= force wait timeout= subresource="),
    ("patch", "+files +print +change patch/p= patch-file= type= subresource="),
    ("edit", "+files +print +change +create output-patch subresource="),
    ("label", "+files +print +change +many all-namespaces/A overwrite list resource-version="),
    ("annotate", "+files +print +change +many all-namespaces/A overwrite list resource-version="),
    ("taint", "+print +change selector/l= all overwrite"),
    ("scale", "+files +print +change selector/l= all current-replicas= replicas= resource-version= timeout="),
    ("autoscale", "+files +print +change min= max= cpu-percent= cpu= memory= name="),
    (
        "expose",
        "+files +print +change +create port= target-port= name= type= protocol= cluster-ip= external-ip= load-balancer-ip= \
        selector= labels/l= overrides= override-type= session-affinity=",
    ),
    (
        "run",
        "+print +change +create image= image-pull-policy= env= labels/l= port= expose restart= command rm stdin/i tty/t \
        attach quiet/q overrides= override-type= pod-running-timeout= annotations= privileged grace-period= cascade? force \
        wait timeout= leave-stdin-open leave-stdin-open",
    ),
    ("set image", "+files +print +change selector/l= all"),
    ("set env", "+files +print +change +workload selector/l= all env/e= from= keys= list resolve overwrite prefix="),
    ("set resources", "+files +print +change +workload selector/l= all limits= requests="),
    ("set selector", "+files +print +change all resource-version="),
    ("set serviceaccount", "+files +print +change all"),
    ("set subject", "+files +print +change selector/l= all user= group= serviceaccount="),
    ("rollout status", "+files selector/l= watch/w revision= timeout="),
    ("rollout history", "+files +print selector/l= revision="),
    ("rollout undo", "+files +print selector/l= to-revision= dry-run?"),
    ("rollout pause", "+files +print selector/l="),
    ("rollout resume", "+files +print selector/l="),
    ("rollout restart", "+files +print selector/l="),
    (
        "logs",
        "follow/f previous/p container/c= all-containers all-pods prefix since= since-time= tail= timestamps limit-bytes= \
        selector/l= max-log-requests= ignore-errors pod-running-timeout= insecure-skip-tls-verify-backend",
    ),
    ("exec", "+files container/c= stdin/i tty/t quiet/q pod-running-timeout="),
    ("attach", "container/c= stdin/i tty/t quiet/q pod-running-timeout="),
    ("wait", "+files +print +many all-namespaces/A for= timeout= local"),
    (
        "events",
        "output/o= template= allow-missing-template-keys show-managed-fields all-namespaces/A for= types= watch/w \
        no-headers chunk-size=",
    ),
    ("kustomize", "output/o= load-restrictor= reorder= enable-alpha-plugins enable-helm enable-managedby-label"),
    ("diff", "+files selector/l= prune concurrency= server-side force-conflicts show-managed-fields"),
    (
        "drain",
        "selector/l= force delete-emptydir-data grace-period= ignore-daemonsets timeout= disable-eviction \
        pod-selector= skip-wait-for-delete-timeout= dry-run? chunk-size=",
    ),
    ("cordon", "selector/l= dry-run?"),
    ("uncordon", "selector/l= dry-run?"),
    ("top pod", "selector/l= field-selector= all-namespaces/A containers no-headers sort-by= sum use-protocol-buffers"),
    ("top node", "selector/l= no-headers sort-by= show-capacity use-protocol-buffers"),
    ("auth can-i", "all-namespaces/A quiet/q list no-headers subresource="),
    ("auth whoami", "+print"),
    ("explain", "api-version= recursive/R output/o="),
    ("api-resources", "api-group= namespaced? no-headers output/o= verbs= sort-by= cached categories="),
    ("api-versions", ""),
    ("cluster-info", ""),
    ("version", "client output/o="),
    ("config view", "+print minify flatten raw merge?"),
    ("config get-contexts", "output/o= no-headers"),
    ("config current-context", ""),
    ("config use-context", ""),
    ("config set-context", "current"),
    ("port-forward", "address= pod-running-timeout="),
    ("proxy", "port/p= address="),
    ("cp", "container/c= no-preserve retries="),
    ("cluster-info dump", "+print all-namespaces/A namespaces= output-directory= pod-running-timeout="),
    ("auth reconcile", "+files +print dry-run? remove-extra-permissions remove-extra-subjects"),
    ("apply edit-last-applied", "+files +print"),
    ("certificate approve", "+files +print force"),
    ("certificate deny", "+files +print force"),
    ("config delete-cluster", ""),
    ("config delete-context", ""),
    ("config delete-user", ""),
    ("config get-clusters", ""),
    ("config get-users", ""),
    ("config rename-context", ""),
    ("config set", "set-raw-bytes"),
    ("config set-cluster", "certificate-authority= embed-certs tls-server-name= proxy-url="),
    (
        "config set-credentials",
        "client-certificate= client-key= embed-certs username= password= auth-provider= exec-command=",
    ),
    ("config unset", ""),
    ("plugin list", "name-only"),
    ("kuberc set", "section= command= overwrite option= prependarg= appendarg= name="),
    ("kuberc view", "+print"),
    ("completion", ""),
    ("options", ""),
    ("alpha", ""),
    ("help", ""),
    (
        "debug",
        "image= container/c= stdin/i tty/t target= copy-to= profile= share-processes set-image= quiet/q attach env= replace same-node custom= image-pull-policy= arguments-only keep-labels keep-annotations keep-liveness keep-readiness keep-startup keep-init-containers",
    ),
];

impl Args {
    /// Reads the words after `kubectl`.
    ///
    /// # Errors
    /// kubectl's own words about a verb or flag that it does not have.
    pub fn read(argv: &[String]) -> Result<Args, String> {
        let mut args = Args { verb: verb(argv), ..Args::default() };
        if let ("", Some(word)) = (args.verb.as_str(), plain_words(argv).first()) {
            return Err(help::unknown(word));
        }
        let table = flags_of(&args.verb);
        let mut left = args.verb.split_whitespace().count();
        let mut rest = argv.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                args.after = Some(rest.cloned().collect());
                break;
            }
            let verb = args.verb.clone();
            let path = if verb.is_empty() { "kubectl".to_string() } else { format!("kubectl {verb}") };
            let usage = |text: String| format!("{text}\nSee '{path} --help' for usage.");
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_string())));
                let flag =
                    table.iter().find(|f| f.name == name).ok_or_else(|| usage(format!("unknown flag: --{name}")))?;
                let value = match value {
                    Some(value) => value,
                    None if flag.valued => {
                        rest.next().cloned().ok_or_else(|| usage(format!("flag needs an argument: --{name}")))?
                    }
                    None => "true".into(),
                };
                args.flags.push((name.into(), flag.checked(value).map_err(usage)?));
            } else if word.len() > 1 && word.starts_with('-') {
                args.short(&table, &word[1..], &mut rest).map_err(usage)?;
            } else if left > 0 {
                left -= 1;
            } else {
                args.words.push(word.clone());
            }
        }
        Ok(args)
    }

    /// A group of short flags: `-it`, `-n web`, `-nweb`, `-o=wide`.
    fn short(&mut self, table: &[Flag], group: &str, rest: &mut std::slice::Iter<String>) -> Result<(), String> {
        for (i, letter) in group.char_indices() {
            let unknown = || format!("unknown shorthand flag: '{letter}' in -{group}");
            let flag = table.iter().find(|f| f.short == Some(letter)).ok_or_else(unknown)?;
            let tail = &group[i + letter.len_utf8()..];
            if flag.valued {
                let value = match tail {
                    "" => {
                        rest.next().cloned().ok_or_else(|| format!("flag needs an argument: '{letter}' in -{group}"))?
                    }
                    _ => tail.strip_prefix('=').unwrap_or(tail).to_string(),
                };
                self.flags.push((flag.name.into(), flag.checked(value)?));
                return Ok(());
            }
            if let Some(value) = tail.strip_prefix('=') {
                self.flags.push((flag.name.into(), flag.checked(value.into())?));
                return Ok(());
            }
            self.flags.push((flag.name.into(), "true".into()));
        }
        Ok(())
    }

    /// The value of a flag; the last one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// Every value of a flag that may stand more than once.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// Every value of a flag that takes a list, cut at commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.all(name).flat_map(|v| v.split(',')).filter(|v| !v.is_empty()).collect()
    }
    /// Whether files name the objects: `-f` or `-k`.
    pub fn has_files(&self) -> bool {
        self.get("filename").is_some() || self.get("kustomize").is_some()
    }
    /// Whether a flag is on.
    pub fn is(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v != "false")
    }
    /// Whether a flag was turned off by `=false`.
    pub fn off(&self, name: &str) -> bool {
        self.get(name) == Some("false")
    }
}

struct Flag {
    name: &'static str,
    short: Option<char>,
    valued: bool,
    /// It may stand alone, but is more than on or off.
    more: bool,
}

/// Flags that take whole numbers, and such that take lengths of time.
const NUMBERS: &str = "replicas current-replicas revision to-revision grace-period tail min max limit-bytes chunk-size \
    max-log-requests node-port cpu-percent skip-wait-for-delete-timeout concurrency retries";
const TIMES: &str = "timeout since pod-running-timeout duration";

impl Flag {
    /// The value as its type has it.
    ///
    /// # Errors
    /// It is none of that type.
    fn checked(&self, value: String) -> Result<String, String> {
        let one_of = |names: &str| names.split_whitespace().any(|name| name == self.name);
        let why = if !self.valued && !self.more {
            match value.as_str() {
                "1" | "t" | "T" | "TRUE" | "true" | "True" => return Ok("true".into()),
                "0" | "f" | "F" | "FALSE" | "false" | "False" => return Ok("false".into()),
                _ => format!("strconv.ParseBool: parsing {value:?}: invalid syntax"),
            }
        } else if one_of(NUMBERS) {
            match value.parse::<i64>().map_err(|why| *why.kind()) {
                Ok(_) => return Ok(value),
                Err(IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => {
                    format!("strconv.ParseInt: parsing {value:?}: value out of range")
                }
                Err(_) => format!("strconv.ParseInt: parsing {value:?}: invalid syntax"),
            }
        } else if one_of(TIMES) && time::parse(&value).is_none() {
            match value.chars().all(|c| c.is_ascii_digit()) && !value.is_empty() {
                true => format!("time: missing unit in duration {value:?}"),
                false => format!("time: invalid duration {value:?}"),
            }
        } else {
            return Ok(value);
        };
        let short = self.short.map_or(String::new(), |short| format!("-{short}, "));
        Err(format!("invalid argument {value:?} for \"{short}--{}\" flag: {why}", self.name))
    }
}

/// Other names of verbs.
const ALIASES: &[(&str, &str)] = &[
    ("create cm", "create configmap"),
    ("create ns", "create namespace"),
    ("create sa", "create serviceaccount"),
    ("create deploy", "create deployment"),
    ("create pdb", "create poddisruptionbudget"),
    ("create ing", "create ingress"),
    ("create svc", "create service"),
    ("create cj", "create cronjob"),
    ("create pc", "create priorityclass"),
    ("create resourcequota", "create quota"),
    ("top pods", "top pod"),
    ("top po", "top pod"),
    ("top nodes", "top node"),
    ("top no", "top node"),
    ("set sa", "set serviceaccount"),
    ("create service nodeports", "create service nodeport"),
];

/// The verb that the first words name, with its parts.
pub fn verb(argv: &[String]) -> String {
    let words = plain_words(argv);
    let mut verb = String::new();
    for word in words.iter().take(3) {
        let longer = if verb.is_empty() { word.to_string() } else { format!("{verb} {word}") };
        let longer = ALIASES.iter().find(|(a, _)| *a == longer).map_or(longer, |(_, v)| v.to_string());
        let begins =
            VERBS.iter().any(|(v, _)| *v == longer || v.strip_prefix(&longer).is_some_and(|r| r.starts_with(' ')));
        if !begins {
            break;
        }
        verb = longer;
    }
    verb
}

/// The words that are neither flags nor values of global flags.
fn plain_words(argv: &[String]) -> Vec<&str> {
    let (mut out, mut skip) = (vec![], false);
    for word in argv {
        if word == "--" {
            break;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            let globals = parse(GLOBAL);
            let name = word.trim_start_matches('-');
            skip = globals.iter().any(|f| {
                f.valued
                    && (f.name == name && word.starts_with("--")
                        || word.len() == 2 && f.short.is_some_and(|s| word.ends_with(s)))
            });
            continue;
        }
        out.push(word.as_str());
    }
    out
}

/// The flags of a verb, the global ones last; of a verb that only holds others, those alone.
fn flags_of(verb: &str) -> Vec<Flag> {
    let (_, text) = VERBS.iter().find(|(v, _)| *v == verb).unwrap_or(&("", ""));
    let mut flags = parse(text);
    flags.extend(parse(GLOBAL));
    flags
}

/// The name of a flag that stands alone and takes the next word as its value.
pub fn valued(verb: &str, word: &str) -> Option<&'static str> {
    let long = word.strip_prefix("--");
    let short =
        word.strip_prefix('-').filter(|letters| !letters.starts_with('-')).and_then(|letters| letters.chars().last());
    let fits = |flag: &Flag| flag.valued && (long == Some(flag.name) || short.is_some() && flag.short == short);
    flags_of(verb).into_iter().find(fits).map(|flag| flag.name)
}

/// The flags of a verb as its page lists them; the global ones for no verb.
pub fn options(verb: &str) -> Vec<String> {
    let text =
        VERBS.iter().find(|(v, _)| *v == verb).map_or(if verb.is_empty() { GLOBAL } else { "" }, |(_, text)| text);
    let mut flags = parse(text);
    flags.sort_by_key(|flag| flag.name);
    flags.dedup_by_key(|flag| flag.name);
    let line = |flag: &Flag| match flag.short {
        Some(short) => format!("    -{short}, --{}", flag.name),
        None => format!("        --{}", flag.name),
    };
    flags.iter().map(line).collect()
}

fn parse(text: &'static str) -> Vec<Flag> {
    let mut out = vec![];
    for word in text.split_whitespace() {
        match word {
            "+files" => out.extend(parse(FILES)),
            "+print" => out.extend(parse(PRINT)),
            "+many" => out.extend(parse(MANY)),
            "+change" => out.extend(parse(CHANGE)),
            "+create" => out.extend(parse(CREATE)),
            "+workload" => out.extend(parse(WORKLOAD)),
            _ => {
                let (valued, more) = (word.ends_with('='), word.ends_with('?'));
                let word = word.trim_end_matches(['=', '?']);
                let (name, short) = word.split_once('/').map_or((word, None), |(n, s)| (n, s.chars().next()));
                out.push(Flag { name, short, valued, more });
            }
        }
    }
    out
}
