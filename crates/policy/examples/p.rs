use bartizan_policy::*;
fn main(){ let t=std::fs::read_to_string("/tmp/deploy.cedar").unwrap();
let s=Schema::generate(&Vocabulary{controls:["model-scan","model-integrity"].map(str::to_owned).into(),roles:["platform-engineer".to_owned()].into(),..Default::default()}).unwrap();
match Gate::parse("deploy","d",&t,&s){Ok(g)=>println!("ok {}",g.rules().len()),Err(e)=>println!("{e}")}
for (n,c) in [("flags", "context.witnessed && ".repeat(120)+"context.witnessed"),("contains","context.satisfied.contains(Control::\"model-scan\") || ".repeat(60)+"context.witnessed")] {
 let rule=|i:usize|format!("@id(\"r{i}\")@fix(\"b\")forbid(principal,action,resource)unless{{{c}}};");
 let mut t=String::from("@id(\"base\") permit (principal in Role::\"platform-engineer\", action == Action::\"deploy\", resource);"); let mut i=0;
 while t.len()<250_000 {t.push_str(&rule(i)); i+=1;}
 let now=std::time::Instant::now(); let r=Gate::parse("deploy","d",&t,&s); println!("{n} {} rules {} {:?}",i,r.map_or_else(|e|e.to_string(),|_|"ok".into()),now.elapsed()); }
let big=(0..42_000).map(|i|format!("{i},")).collect::<String>();
let t=format!("@id(\"a\")@fix(\"b\")forbid(principal,action,resource)when{{[{}1].contains(context.lost)}};",big);
let now=std::time::Instant::now(); let r=Gate::parse("deploy","d",&t,&s); println!("set {} {} {:?}",t.len(),r.map_or_else(|e|e.to_string(),|_|"ok".into()),now.elapsed());
let big=(0..12_000).map(|i|format!("k{i}:{i},")).collect::<String>();
let t=format!("@id(\"a\")@fix(\"b\")forbid(principal,action,resource)when{{{{{}z:1}}.z==context.lost}};",big);
let now=std::time::Instant::now(); let r=Gate::parse("deploy","d",&t,&s); println!("record {} {} {:?}",t.len(),r.map_or_else(|e|e.to_string(),|_|"ok".into()),now.elapsed());
}
